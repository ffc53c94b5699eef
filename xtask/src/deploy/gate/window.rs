//! How many of the answers were wrong, with visitors there.

use anyhow::{Result, bail};

use super::{Answer, is_right};

/// What was answered while it was watched.
#[derive(Default)]
pub(super) struct Window {
    pub(super) asked: u64,
    pub(super) wrong: u64,
    first: String,
}

impl Window {
    pub(super) fn take(&mut self, path: &str, part: &str, answer: &Answer) {
        self.asked += 1;
        if !is_right(answer, part) {
            self.wrong += 1;
            if self.wrong == 1 {
                self.first = format!("{path} answered {}", answer.status);
            }
        }
    }

    /// Fails where more is wrong than may be of `all` answers.
    pub(super) fn check(&self, all: u64, percent: u32) -> Result<()> {
        let Self { asked, wrong, first } = self;
        if wrong * 100 > all * u64::from(percent) {
            bail!("{wrong} of {asked} answers were wrong, {percent} % may be (deploy.errors_percent_max); the first: {first}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Answer;
    use super::Window;

    /// Answers that take their time are fewer, and not better.
    #[test]
    fn the_window_counts_what_was_really_asked() {
        let window = |asked: u16, wrong: u16| {
            let mut window = Window::default();
            for number in 0..asked {
                let status = if number < wrong { 500 } else { 200 };
                window.take("/", "{", &Answer { status, body: "{}".to_owned() });
            }
            window
        };
        for (asked, wrong, percent, may_stay) in [
            (0, 0, 1, true),
            (100, 1, 1, true),
            (100, 2, 1, false),
            (99, 1, 1, false),
            (600, 30, 1, false),
            (4, 0, 0, true),
            (4, 4, 100, true),
        ] {
            assert_eq!(window(asked, wrong).check(asked.into(), percent).is_ok(), may_stay, "{wrong} of {asked}, {percent} % may be");
        }
        // Before the end, of as many as there will be.
        let window = window(40, 3);
        assert!(window.check(360, 1).is_ok());
        let refused = window.check(window.asked, 1).expect_err("3 of 40").to_string();
        assert_eq!(refused, "3 of 40 answers were wrong, 1 % may be (deploy.errors_percent_max); the first: / answered 500");
    }
}
