"""How the files under clients/ are made from the code: documents, types, the Postman collection.

Invariant: the same code gives the same bytes, on any machine.
"""
