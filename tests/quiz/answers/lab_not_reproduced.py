"""What did not reproduce."""

from statements import about, cell, given, value

from lesson_code.examples.lab.sweep_batch import variants

PAGE = "docs/lab/not-reproduced.md"
BATCH, STUDENT = "lab/sweep_batch", "lab/small_student"

steps = about(
    PAGE,
    "At equal numbers of steps, a batch of 256 beats one of 32. What does that say about "
    "negatives?",
)


def lead(table: str) -> float:
    """By how much a batch of 256 is ahead of one of 32, in few-label accuracy."""
    large, small = (cell(BATCH, table, batch, "few labels") for batch in ("256", "32"))
    return large - small


@steps.states("More negatives are better.")
def more_negatives_win_at_equal_numbers_of_images() -> bool:
    return cell(BATCH, "equal-images", "1024", "few labels") > cell(
        BATCH, "equal-images", "32", "few labels"
    )


@steps.states("The learning rate of the small batch is wrong.")
def at_the_same_rate_the_small_batch_stays_behind_with_more_steps() -> bool:
    long, short = variants(equal_images=True)["32"], variants(equal_images=False)["32"]
    given(long.lr == short.lr, long.steps > short.steps, lead("equal-steps") > 0.02)
    return lead("equal-images") > 0.02


@steps.states("Nothing by itself: the number of images seen differs as well.")
def the_lead_is_gone_where_as_many_images_are_seen() -> bool:
    seen = {
        equal: {
            run.batch * run.steps for name, run in variants(equal).items() if name in ("32", "256")
        }
        for equal in (True, False)
    }
    confused = len(seen[True]) == 1 and max(seen[False]) == 8 * min(seen[False])
    return confused and lead("equal-steps") > 0.02 and lead("equal-images") < 0.01


finding = about(
    PAGE, "A finding of a paper does not show in a small experiment. What may one conclude?"
)
NOTHING, SOMETHING = 0.01, 0.015  # gains in accuracy by soft labels, against labels alone


@finding.states("The finding is wrong.")
def what_does_not_show_in_one_experiment_shows_in_none() -> bool:
    """Soft labels do nothing for the student with all images; for the one with a hundred?"""
    given(value(STUDENT, "fed_gain") < NOTHING)
    return value(STUDENT, "starved_gain") < NOTHING


@finding.states("It does not hold under these conditions; why, is a new question.")
def one_condition_decides_whether_it_shows() -> bool:
    absent = value(STUDENT, "fed_gain") < NOTHING
    return absent and value(STUDENT, "starved_gain") > SOMETHING


@finding.states("The small experiment has a bug.")
def the_code_that_shows_nothing_here_shows_nothing_anywhere() -> bool:
    gains = [
        cell(STUDENT, "students", "width 12, 100 images", name)
        for name in ("soft, T=4", "hard labels")
    ]
    given(value(STUDENT, "four_gain") < NOTHING)
    return gains[0] - gains[1] < NOTHING
