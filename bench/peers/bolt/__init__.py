"""django-bolt: HTTP and JWT in Rust, with the same Redis as the product's thin layer.

Invariant: see `bench.peers`.
"""
