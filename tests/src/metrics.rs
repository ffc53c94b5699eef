//! Prometheus' text format as its readers take it: what one of them does not know costs the whole scrape.

/// Fails where the format 0.0.4 has no such type, and where a counter is not called `_total`.
#[track_caller]
pub fn check_text_format(text: &str) {
    let types: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    assert!(!types.is_empty(), "no metrics in:\n{text}");
    for line in types {
        let (name, kind) = line.split_once(' ').unwrap();
        assert!(["gauge", "counter", "histogram", "summary", "untyped"].contains(&kind), "invalid metric type: {line}");
        assert!(kind != "counter" || name.ends_with("_total"), "a counter of another name: {line}");
    }
}
