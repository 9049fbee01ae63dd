"""What the product is measured against: the same read, written as other teams would.

Invariant: every peer sends the same payload after the same checks: the token's signature, times, audience and issuer,
and that its session lives. None of them is part of the product.
"""
