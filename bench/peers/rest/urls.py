"""This peer's one path.

Invariant: see `bench.peers`.
"""

from django.urls import path

from bench.peers.rest.views import MealPlanView

urlpatterns = [path("api/v1/meal-plan", MealPlanView.as_view())]
