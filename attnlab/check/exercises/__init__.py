"""The exercises of the course: each module here has a tuple EXERCISES, found by its being here."""
