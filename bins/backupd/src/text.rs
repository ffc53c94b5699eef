//! Sizes, times and tables for people.

use std::time::Duration;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use jiff::Timestamp;

/// `12.3 MB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1e3;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1e3;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `45 s`, `3 min`, `5 h`, `12 d`: one figure is enough to judge by.
pub(crate) fn duration(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds @ 1..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// How long ago it was; a moment that is still to come was made by a clock that went ahead.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> String {
    match Duration::try_from(now.duration_since(then)) {
        Ok(age) => duration(age),
        Err(_) => "in the future".to_owned(),
    }
}

/// `2026-11-23 02:00:00 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A table without lines, as other commands of the house print them. Columns in `right` are figures.
pub(crate) fn table(header: &[&str], right: &[usize], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header.iter().copied());
    for row in rows {
        let cells = row.into_iter().enumerate().map(|(column, text)| {
            let cell = Cell::new(text);
            if right.contains(&column) { cell.set_alignment(CellAlignment::Right) } else { cell }
        });
        table.add_row(cells.collect::<Vec<_>>());
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times() {
        let check = |bytes, text| assert_eq!(size(bytes), text);
        check(0, "0 B");
        check(999, "999 B");
        check(1_000, "1.0 kB");
        check(999_999, "1.0 MB");
        check(1_234_567_890, "1.2 GB");
        check(u64::MAX, "18446.7 PB");
        let check = |seconds, text| assert_eq!(duration(Duration::from_secs(seconds)), text);
        check(0, "0 ms");
        check(119, "119 s");
        check(120, "2 min");
        check(7_200, "2 h");
        check(200_000, "2 d");
        let now: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        assert_eq!(age("2026-11-23T01:00:00Z".parse().unwrap(), now), "60 min");
        assert_eq!(age("2027-11-23T01:00:00Z".parse().unwrap(), now), "in the future");
    }
}
