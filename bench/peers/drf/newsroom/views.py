"""The same three requests by Django REST Framework: serializers and generic views."""

from typing import Any

from django.db import transaction
from django.db.models import FilteredRelation, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf.newsroom.models import AuditLog, Commentary, Edition, Person, Revision
from rest_framework import generics, serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView


class EditionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Edition
        fields = ["language", "status", "slug", "published_at"]


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = Person
        fields = ["id", "display_name"]


class CommentarySerializer(serializers.ModelSerializer):
    title = serializers.CharField()
    lead = serializers.CharField()
    byline = serializers.CharField(source="byline.name", default=None)
    section = serializers.CharField(source="section_id")
    author = AuthorSerializer()
    editions = EditionSerializer(many=True)

    class Meta:
        model = Commentary
        fields = [
            "id",
            "version",
            "state",
            "week",
            "section",
            "source_language",
            "title",
            "lead",
            "byline",
            "author",
            "editions",
            "updated_at",
        ]


def with_text() -> Any:
    """Commentaries with the title and the lead of their latest source text."""
    latest = Revision.objects.filter(
        commentary_id=OuterRef("pk"),
        language=OuterRef("source_language"),
        number=OuterRef("source__revision"),
    )
    return (
        Commentary.objects.select_related("author", "byline")
        .prefetch_related("editions")
        .annotate(source=FilteredRelation("editions", condition=Q(editions__is_source=True)))
        .annotate(title=Subquery(latest.values("title")), lead=Subquery(latest.values("lead")))
    )


class CommentaryList(generics.ListAPIView):
    serializer_class = CommentarySerializer

    def get_queryset(self) -> Any:
        person, asked = self.request.user, self.request.query_params
        found = with_text().order_by("-created_at", "-id")
        if not any(one.role == "coordinator" for one in person.roles.all()):
            found = found.filter(author=person)
        if "state" in asked:
            found = found.filter(state=asked["state"])
        return found[: int(asked.get("limit", 25))]


class TransitionSerializer(serializers.Serializer):
    action = serializers.ChoiceField(["submit", "recall"])


class Transitions(APIView):
    @transaction.atomic
    def post(self, request: Any, id: Any) -> Response:
        wanted = TransitionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        action = wanted.validated_data["action"]
        locked = with_text().filter(author=request.user).select_for_update(of=("self",))
        commentary = get_object_or_404(locked, pk=id)
        if request.headers.get("if-match", "").strip('"') != str(commentary.version):
            return Response(status=status.HTTP_412_PRECONDITION_FAILED)
        before, after = {"submit": ("draft", "in_review"), "recall": ("in_review", "draft")}[action]
        if commentary.state != before:
            return Response(status=status.HTTP_409_CONFLICT)
        if action == "submit" and not (commentary.title and commentary.lead):
            return Response(status=status.HTTP_422_UNPROCESSABLE_ENTITY)
        commentary.state, commentary.updated_at = after, timezone.now()
        commentary.version += 1
        commentary.save(update_fields=["state", "version", "updated_at"])
        AuditLog.objects.create(
            actor_id=request.user.pk,
            action=action,
            object_id=commentary.pk,
            before={"state": before},
            after={"state": after},
        )
        shown = CommentarySerializer(commentary)
        return Response(shown.data, headers={"ETag": f'"{commentary.version}"'})


class PublishedSerializer(serializers.Serializer):
    language = serializers.CharField()
    week = serializers.CharField(source="commentary.week")
    section = serializers.SerializerMethodField()
    trend = serializers.CharField(source="text.trend")
    title = serializers.CharField(source="text.title")
    lead = serializers.CharField(source="text.lead")
    blocks = serializers.JSONField(source="text.blocks")
    byline = serializers.CharField(source="commentary.byline.name", default=None)
    photo = serializers.JSONField(source="text.photo")
    published_at = serializers.DateTimeField()
    alternates = serializers.SerializerMethodField()

    def get_section(self, edition: Edition) -> dict[str, str]:
        section = edition.commentary.section
        return {"key": section.key, "label": section.labels[edition.language]}

    def get_alternates(self, edition: Edition) -> list[dict[str, str]]:
        return [
            {"language": one.language, "slug": one.slug}
            for one in edition.commentary.editions.all()
            if one.live_revision is not None and one.language != edition.language
        ]


class Published(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Any, language: str, week: str, slug: str) -> Response:
        live = (
            Edition.objects.filter(live_revision__isnull=False)
            .select_related("commentary__section", "commentary__byline")
            .prefetch_related("commentary__editions")
        )
        edition = get_object_or_404(live, language=language, slug=slug, commentary__week=week)
        edition.text = Revision.objects.get(
            commentary_id=edition.commentary_id, language=language, number=edition.live_revision
        )
        return Response(PublishedSerializer(edition).data)


urlpatterns = [
    path("v1/commentaries", CommentaryList.as_view()),
    path("v1/commentaries/<uuid:id>/transitions", Transitions.as_view()),
    path("v1/published/<str:language>/<str:week>/<str:slug>", Published.as_view()),
]
