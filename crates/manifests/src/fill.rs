//! Templates of formats that have no tree: Dockerfiles, nginx, units, scripts.

use crate::files::MARK;

/// Puts `values` in the places of `template` that name them: `@{port}`. A line that is only a place gets its indent before each line of the
/// value, and goes when the value is empty.
///
/// # Panics
///
/// When the template has a place that no value fills, or a value has no place: a template and its values change together.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut used = vec![false; values.len()];
    let mut filled = String::with_capacity(template.len());
    for line in template.lines() {
        let indent = line.len() - line.trim_start().len();
        match place(line.trim(), values) {
            Some(index) => {
                used[index] = true;
                for value in values[index].1.lines() {
                    filled.push_str(if value.is_empty() { "" } else { &line[..indent] });
                    filled.push_str(value);
                    filled.push('\n');
                }
            }
            None => {
                filled.push_str(&fill_line(line, values, &mut used));
                filled.push('\n');
            }
        }
    }
    for ((name, _), used) in values.iter().zip(used) {
        assert!(used, "the template has a place for {name}");
    }
    filled
}

fn place(line: &str, values: &[(&str, &str)]) -> Option<usize> {
    let name = line.strip_prefix("@{")?.strip_suffix('}').filter(|name| !name.contains('}'))?;
    let found = values.iter().position(|(known, _)| *known == name);
    assert!(found.is_some(), "there is a value for @{{{name}}}");
    found
}

fn fill_line(line: &str, values: &[(&str, &str)], used: &mut [bool]) -> String {
    let mut parts = line.split("@{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').expect("a place ends on its line");
        let index = values.iter().position(|(known, _)| *known == name).unwrap_or_else(|| panic!("there is a value for @{{{name}}}"));
        used[index] = true;
        filled.push_str(values[index].1);
        filled.push_str(rest);
    }
    filled
}

/// The first lines of every file: where it comes from, so that nobody edits it in vain.
pub(crate) fn header(what: &str) -> String {
    format!("# {what}\n# From deploy.toml, {MARK}: change that, not this.\n")
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn places_are_filled_and_lines_keep_their_indent() {
        let filled = fill("a @{x}b\n  @{lines}\n  @{none}\nend\n", &[("x", "1"), ("lines", "p\n\nq"), ("none", "")]);
        assert_eq!(filled, "a 1b\n  p\n\n  q\nend\n");
    }

    #[test]
    #[should_panic(expected = "there is a value for @{port}")]
    fn a_place_without_a_value_is_a_defect() {
        fill("listen @{port};\n", &[]);
    }

    #[test]
    #[should_panic(expected = "has a place for port")]
    fn a_value_without_a_place_is_a_defect() {
        fill("listen 80;\n", &[("port", "80")]);
    }
}
