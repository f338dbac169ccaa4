"""The loop of the process that draws, in this process."""

import json
import pickle
import signal
from io import BytesIO

from service.presentation.figures.worker import serve
from tests.presentation.figures.pictures import every_course

CANARY = "zebra-4711"


def answers_to(*asked):
    answers = BytesIO()
    serve(BytesIO(b"".join(map(pickle.dumps, asked))), answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_each_question_has_one_line_of_answer_until_the_input_ends():
    first, second = answers_to((every_course()["one dose"], [], []), (None, [], []))
    assert first["timeline"].startswith("<svg ")
    assert second == {"timeline": None, "curves": {}, "contributions": {}}
    assert signal.alarm(0) == 0


def test_what_goes_wrong_is_told_by_its_name_and_its_place_and_the_next_question_is_answered():
    failed, drawn = answers_to((None, [{CANARY: CANARY}], []), (None, [], []))
    assert failed["error"] == "KeyError"
    assert failed["where"].startswith("drawn.py:")
    assert CANARY not in str(failed)
    assert drawn["timeline"] is None
