//! Where a size is going: a line through its recent past.

use std::collections::VecDeque;
use std::time::Duration;

/// Points that are kept. The line costs the square of it.
const POINTS_MAX: u32 = 96;

/// Points below which nothing is said.
const POINTS_MIN: usize = 6;

/// The recent past of one size, of bounded length.
///
/// The line is the median of the slopes between all pairs of points (Theil–Sen), taken a little low: one large file that was copied is a step
/// and no trend, where a line of least squares would announce a full disk.
#[derive(Debug, Clone)]
pub(crate) struct Growth {
    window: Duration,
    points: VecDeque<(Duration, f64)>,
}

impl Growth {
    /// A past of `window`. Nothing is said before a twelfth of it has been seen.
    pub(crate) fn new(window: Duration) -> Self {
        Self { window, points: VecDeque::new() }
    }

    /// Adds what was seen at a moment of the steady clock. Points that follow too closely are left out, so that the past stays bounded.
    pub(crate) fn add(&mut self, at: Duration, size_bytes: u64) {
        if self.points.back().is_some_and(|(last, _)| at.saturating_sub(*last) < self.window / POINTS_MAX) {
            return;
        }
        self.points.push_back((at, size_bytes as f64));
        while self.points.front().is_some_and(|(first, _)| at.saturating_sub(*first) > self.window) {
            self.points.pop_front();
        }
    }

    /// Bytes by which it grows in a second, below zero where it shrinks; `None` as long as too little was seen.
    pub(crate) fn bytes_per_second(&self) -> Option<f64> {
        let span = self.points.back()?.0.saturating_sub(self.points.front()?.0);
        if self.points.len() < POINTS_MIN || span < self.window / 12 {
            return None;
        }
        let mut slopes: Vec<f64> = Vec::new();
        for (i, (at, size)) in self.points.iter().enumerate() {
            slopes.extend(self.points.iter().skip(i + 1).map(|(later, then)| (then - size) / later.saturating_sub(*at).as_secs_f64()));
        }
        slopes.sort_unstable_by(f64::total_cmp);
        // A step in the very middle makes just over half of the pairs steep.
        slopes.get(slopes.len() * 2 / 5).copied()
    }

    /// How long until `room_bytes` more are taken; `None` where it doesn't grow, too little was seen, or it takes longer than a century.
    pub(crate) fn until(&self, room_bytes: u64) -> Option<Duration> {
        let per_second = self.bytes_per_second()?;
        let seconds = room_bytes as f64 / per_second;
        (per_second > 0.0 && seconds < 100.0 * 365.0 * 86_400.0).then(|| Duration::from_secs_f64(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(6 * 3600);

    /// One point each five minutes.
    fn check(sizes: impl IntoIterator<Item = u64>, room: u64, expected: Option<u64>) {
        let mut growth = Growth::new(WINDOW);
        for (i, size) in (0..).zip(sizes) {
            growth.add(Duration::from_secs(300 * i), size);
        }
        assert_eq!(growth.until(room).map(|until| until.as_secs()), expected);
    }

    #[test]
    fn a_line_is_followed() {
        check((0..20).map(|i| i * 300), 3600, Some(3600));
        check((0..20).rev().map(|i| i * 300), 3600, None);
        check([7; 20], 3600, None);
    }

    #[test]
    fn too_little_says_nothing() {
        check([], 1, None);
        check([1, 2, 3], 1, None);
    }

    #[test]
    fn a_step_is_no_trend() {
        check([0; 10].into_iter().chain([1 << 40; 10]), 1 << 40, None);
        check((0..40).map(|i| i * 300 + if i > 9 { 1 << 40 } else { 0 }), 3600, Some(3600));
    }

    #[test]
    fn the_past_is_bounded() {
        let mut growth = Growth::new(WINDOW);
        for second in 0..100_000 {
            growth.add(Duration::from_secs(second), second);
        }
        assert!(growth.points.len() <= 98, "{}", growth.points.len());
        assert_eq!(growth.until(10).map(|until| until.as_secs()), Some(10));
    }
}
