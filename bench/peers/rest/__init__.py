"""Django REST Framework with simplejwt, as a typical team ships it.

Invariant: see `bench.peers`.
"""
