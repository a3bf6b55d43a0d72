"""Dates in many forms and languages into ISO 8601; no day that is tested was seen in training."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable

import pytest

from tsseq2seq import Seq2SeqTranslator

pytest.importorskip("babel")


class TestGenerator:
    @pytest.mark.parametrize(
        ("locale", "form", "written"),
        [
            ("en_US", "full", "Friday, March 4, 2005"),
            ("en_GB", "long", "4 March 2005"),
            ("de", "medium", "04.03.2005"),
            ("fr", "full", "vendredi 4 mars 2005"),
            ("el", "long", "4 Μαρτίου 2005"),
            ("sv", "yMMMEd", "fre 4 mars 2005"),
        ],
        ids=["American", "English", "German", "French", "Greek", "Swedish"],
    )
    def test_a_date_as_it_is_written(self, locale: str, form: str, written: str) -> None:
        import dates

        assert dates.write(datetime.date(2005, 3, 4), locale, form) == written

    def test_no_form_can_be_read_as_two_dates(self) -> None:
        import dates

        found: dict[str, datetime.date] = {}
        first = datetime.date(2011, 1, 1)
        for day in (first + datetime.timedelta(days=number) for number in range(365)):
            for locale in dates.LOCALES:
                for form in dates.FORMS:
                    written = dates.write(day, locale, form).lower()
                    assert found.setdefault(written, day) == day, written

    def test_the_same_seed_writes_the_same(self) -> None:
        import dates

        days = dates.draw_days(300, seed=1)
        assert len(set(days)) == 300
        assert dates.draw_days(300, seed=1) == days != dates.draw_days(300, seed=2)
        assert dates.write_pairs(days, seed=1) == dates.write_pairs(days, seed=1)
        written, iso = dates.write_pairs(days, seed=1)
        assert written != dates.write_pairs(days, seed=2)[0]
        assert [datetime.date.fromisoformat(text) for text in iso] == days

    def test_three_in_ten_are_in_small_letters(self) -> None:
        import dates

        days = dates.draw_days(1000, seed=0)
        written, _ = dates.write_pairs(days, seed=0, locales=("en_US",))  # elsewhere all may be small
        assert sum(text.islower() for text in written) == pytest.approx(300, abs=45)

    def test_the_script_prints_pairs(self) -> None:
        import dates

        command = [sys.executable, dates.__file__, "--count", "3", "--seed", "5"]
        lines = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
        expected = zip(*dates.write_pairs(dates.draw_days(3, seed=5), seed=5), strict=True)
        assert [tuple(line.split("\t")) for line in lines.splitlines()] == list(expected)


@pytest.mark.slow
def test_held_out_dates(learn: Callable[..., Seq2SeqTranslator]) -> None:
    import dates

    written, iso = dates.write_pairs(dates.draw_days(9000, seed=0), seed=0)
    model = learn(written[1000:], iso[1000:], steps=800, batch_size=64)
    found = model.predict(written[:1000], beam_size=1)
    wrong = [(text, one) for text, one, right in zip(written, found, iso, strict=False) if one != right]
    assert len(wrong) < 10, wrong
