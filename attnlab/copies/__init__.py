"""The reader's copy of the course: made, remembered, and brought up to date without a loss.

    copy_course(course, folder)       the course in a folder of the reader's
    update_copy(course, folder)       what is new, cell by cell, beside what the reader wrote
    folder_to_open(installed)         which folder `attnlab lab` opens

Notebooks are read and written as the JSON that they are, so that nothing in them is lost that this
version does not know.
"""

from attnlab.copies.chosen_folder import USUAL, folder_to_open, folder_to_update
from attnlab.copies.copy_update import update_copy
from attnlab.copies.first_copy import copy_course
from attnlab.copies.manifest import is_behind

__all__ = ["USUAL", "copy_course", "folder_to_open", "folder_to_update", "is_behind", "update_copy"]
