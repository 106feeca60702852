"""Reading Triton's log; the real failures are in `test_server.py`, here are those that cannot be provoked."""

from serving.errors import ModelNotLoaded, PortTaken, ServerDied
from serving.startup_log import StartupLog


def test_a_port_taken_after_the_choice_is_named() -> None:
    line = "failed to start HTTP service: Unavailable - Socket '127.0.0.1:9100' already in use "
    error = StartupLog(text=line).explain()
    assert isinstance(error, PortTaken)
    assert "Port 9100 for HTTP is taken" in str(error)


def test_a_death_without_a_reason_gives_the_last_words_without_folders() -> None:
    error = StartupLog(text="I1120 ok\nerror: creating server: no such file /home/someone/secret/x.so\n").explain()
    assert isinstance(error, ServerDied)
    assert "Its last words: creating server: no such file x.so." in str(error)


def test_a_death_without_a_word_says_so() -> None:
    assert str(StartupLog(text="").explain()).startswith("Triton ended by itself. Read")


def test_only_the_first_line_of_a_reason_is_kept() -> None:
    line = r"""E1 x] "failed to load 'a' version 1: Internal: boom in /opt/z.py\n\nAt:\n  /opt/y.py(3): run\n" """
    error = StartupLog(text=line).explain()
    assert isinstance(error, ModelNotLoaded)
    assert (error.model, error.reason) == ("a", "Internal: boom in z.py")


def test_models_count_once_however_many_versions_they_have() -> None:
    text = "successfully loaded 'a'\nsuccessfully loaded 'b'\nsuccessfully loaded 'a'\n"
    assert StartupLog(text=text).loaded_models == ["a", "b"]
