"""The tables, as Django's models that it does not manage."""

import uuid

from django.db import models


class Person(models.Model):
    id = models.UUIDField(primary_key=True)
    display_name = models.TextField(null=True)
    state = models.TextField()
    is_authenticated = True

    class Meta:
        managed = False
        db_table = "person"


class PersonRole(models.Model):
    pk = models.CompositePrimaryKey("person_id", "role")
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="roles")
    role = models.TextField()

    class Meta:
        managed = False
        db_table = "person_role"


class SignedIn(models.Model):
    id = models.UUIDField(primary_key=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "session"


class SigningKey(models.Model):
    id = models.TextField(primary_key=True)
    private_key = models.BinaryField()

    class Meta:
        managed = False
        db_table = "signing_key"


class Section(models.Model):
    key = models.TextField(primary_key=True)
    labels = models.JSONField()

    class Meta:
        managed = False
        db_table = "section"


class Byline(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "byline"


class Commentary(models.Model):
    id = models.UUIDField(primary_key=True)
    version = models.IntegerField()
    state = models.TextField()
    week = models.TextField()
    section = models.ForeignKey(Section, models.DO_NOTHING, db_column="section")
    source_language = models.TextField()
    author = models.ForeignKey(Person, models.DO_NOTHING)
    byline = models.ForeignKey(Byline, models.DO_NOTHING, null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "commentary"


class Edition(models.Model):
    pk = models.CompositePrimaryKey("commentary_id", "language")
    commentary = models.ForeignKey(Commentary, models.DO_NOTHING, related_name="editions")
    language = models.TextField()
    is_source = models.BooleanField()
    revision = models.IntegerField(null=True)
    live_revision = models.IntegerField(null=True)
    slug = models.TextField(null=True)
    status = models.TextField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "edition"


class Revision(models.Model):
    pk = models.CompositePrimaryKey("commentary_id", "language", "number")
    commentary = models.ForeignKey(Commentary, models.DO_NOTHING, related_name="revisions")
    language = models.TextField()
    number = models.IntegerField()
    title = models.TextField()
    lead = models.TextField()
    trend = models.TextField(null=True)
    photo = models.JSONField(null=True)
    blocks = models.JSONField()

    class Meta:
        managed = False
        db_table = "revision"


class AuditLog(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.UUIDField()
    action = models.TextField()
    object_id = models.UUIDField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        managed = False
        db_table = "audit_log"
