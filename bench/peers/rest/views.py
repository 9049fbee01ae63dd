"""One day's plan, as Django REST Framework's documentation would write it.

Invariant: see `bench.peers`.
"""

from rest_framework import generics, serializers

from bench.peers.rest.models import MealPlan


class MealPlanSerializer(serializers.ModelSerializer):
    class Meta:
        model = MealPlan
        exclude = ("user",)


class MealPlanView(generics.RetrieveAPIView):
    serializer_class = MealPlanSerializer

    def get_object(self) -> MealPlan:
        return generics.get_object_or_404(
            MealPlan, user_id=self.request.user.pk, date=self.request.query_params["date"]
        )
