//! YAML as a tree that is written for people: keys in the order in which they are read best, comments where an operator may want another
//! value. The tree cannot be indented wrongly, and no value can be mistaken for another type.

use std::fmt::Write as _;

/// A value, or a tree of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yaml {
    /// Text, quoted where another reader could take it for something else.
    Text(String),
    /// Text of several lines.
    Lines(String),
    Number(i64),
    Flag(bool),
    List(Vec<Yaml>),
    Map(Map),
    /// A tree with a name, under which it is used again below.
    Named(&'static str, Box<Yaml>),
    /// The tree of that name.
    Same(&'static str),
}

/// Keys in the order in which they were put in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Map(Vec<Entry>);

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    comment: String,
    key: String,
    value: Yaml,
}

impl Map {
    /// Adds a key.
    ///
    /// # Panics
    ///
    /// When it is there already: readers differ in which of two they take.
    pub(crate) fn put(&mut self, comment: &str, key: impl Into<String>, value: impl Into<Yaml>) {
        let key = key.into();
        assert!(self.0.iter().all(|entry| entry.key != key), "the key {key} is given once");
        self.0.push(Entry { comment: comment.to_owned(), key, value: value.into() });
    }

    /// Adds everything of another map.
    pub(crate) fn put_all(&mut self, other: Yaml) {
        let Yaml::Map(other) = other else { panic!("only a map can be put into a map") };
        for entry in other.0 {
            self.put(&entry.comment, entry.key, entry.value);
        }
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Yaml {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Yaml {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Map> for Yaml {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl<T: Into<Yaml>> From<Vec<T>> for Yaml {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

macro_rules! from_numbers {
    ($($kind:ty)*) => { $(impl From<$kind> for Yaml {
        fn from(number: $kind) -> Self {
            Self::Number(number.into())
        }
    })* };
}
from_numbers!(i32 u16 u32 i64);

/// A tree, nearly as it will be written:
///
/// ```text
/// yaml!({
///     # "What an operator should know before changing it."
///     replicas: 1,
///     "app.kubernetes.io/name": name,
///     (key): value,               a key that is computed
///     ports: [{ port: 80 }],
///     pids ?: limit,              only where the Option has a value
///     ..common(),                 everything of another map
/// })
/// ```
macro_rules! yaml {
    ({ $($body:tt)* }) => {{
        #[allow(unused_mut)]
        let mut map = $crate::yaml::Map::default();
        $crate::yaml::yaml_map!(map, "", $($body)*);
        $crate::yaml::Yaml::Map(map)
    }};
    ([ $($body:tt)* ]) => {{
        #[allow(unused_mut)]
        let mut list = $crate::yaml::Yaml::List(Vec::new());
        $crate::yaml::yaml_list!(list, $($body)*);
        list
    }};
    ($value:expr) => { $crate::yaml::Yaml::from($value) };
}

macro_rules! yaml_map {
    ($map:ident, $comment:expr,) => {};
    ($map:ident, $comment:expr, # $next:literal $($rest:tt)*) => { $crate::yaml::yaml_map!($map, $next, $($rest)*) };
    ($map:ident, $comment:expr, .. $other:expr $(, $($rest:tt)*)?) => {
        $map.put_all($other);
        $($crate::yaml::yaml_map!($map, "", $($rest)*))?
    };
    ($map:ident, $comment:expr, $key:ident ?: $value:expr $(, $($rest:tt)*)?) => {
        if let Some(value) = $value { $map.put($comment, stringify!($key), value); }
        $($crate::yaml::yaml_map!($map, "", $($rest)*))?
    };
    ($map:ident, $comment:expr, $key:ident : $($rest:tt)*) => { $crate::yaml::yaml_value!($map, $comment, stringify!($key), $($rest)*) };
    ($map:ident, $comment:expr, $key:literal : $($rest:tt)*) => { $crate::yaml::yaml_value!($map, $comment, $key, $($rest)*) };
    ($map:ident, $comment:expr, ($key:expr) : $($rest:tt)*) => { $crate::yaml::yaml_value!($map, $comment, $key, $($rest)*) };
}

macro_rules! yaml_value {
    ($map:ident, $comment:expr, $key:expr, { $($body:tt)* } $(, $($rest:tt)*)?) => {
        $map.put($comment, $key, $crate::yaml::yaml!({ $($body)* }));
        $($crate::yaml::yaml_map!($map, "", $($rest)*))?
    };
    ($map:ident, $comment:expr, $key:expr, [ $($body:tt)* ] $(, $($rest:tt)*)?) => {
        $map.put($comment, $key, $crate::yaml::yaml!([ $($body)* ]));
        $($crate::yaml::yaml_map!($map, "", $($rest)*))?
    };
    ($map:ident, $comment:expr, $key:expr, $value:expr $(, $($rest:tt)*)?) => {
        $map.put($comment, $key, $value);
        $($crate::yaml::yaml_map!($map, "", $($rest)*))?
    };
}

macro_rules! yaml_list {
    ($list:ident,) => {};
    ($list:ident, { $($body:tt)* } $(, $($rest:tt)*)?) => {
        $list.add($crate::yaml::yaml!({ $($body)* }));
        $($crate::yaml::yaml_list!($list, $($rest)*))?
    };
    ($list:ident, [ $($body:tt)* ] $(, $($rest:tt)*)?) => {
        $list.add($crate::yaml::yaml!([ $($body)* ]));
        $($crate::yaml::yaml_list!($list, $($rest)*))?
    };
    ($list:ident, $value:expr $(, $($rest:tt)*)?) => {
        $list.add($crate::yaml::Yaml::from($value));
        $($crate::yaml::yaml_list!($list, $($rest)*))?
    };
}

pub(crate) use {yaml, yaml_list, yaml_map, yaml_value};

/// Comments are wrapped here.
const WIDTH: usize = 110;

impl Yaml {
    /// As a document, below the header of its file.
    pub(crate) fn document(&self, header: &str) -> String {
        let mut text = header.to_owned();
        self.write(&mut text, 0);
        text
    }

    /// Several documents in one file.
    pub(crate) fn documents(header: &str, documents: &[Self]) -> String {
        documents.iter().enumerate().fold(header.to_owned(), |mut text, (index, document)| {
            if index > 0 {
                text.push_str("---\n");
            }
            document.write(&mut text, 0);
            text
        })
    }

    /// Its values on one line, and no comments: for a name that changes with them.
    pub(crate) fn values(&self) -> String {
        self.inline(0)
    }

    /// Adds a key to a map.
    ///
    /// # Panics
    ///
    /// When it is no map, or has the key.
    pub(crate) fn put(&mut self, key: &str, value: Self) {
        let Self::Map(map) = self else { panic!("only a map has keys") };
        map.put("", key, value);
    }

    /// Adds an item to a list.
    ///
    /// # Panics
    ///
    /// When it is no list.
    pub(crate) fn add(&mut self, item: Self) {
        let Self::List(items) = self else { panic!("only a list has items") };
        items.push(item);
    }

    fn write(&self, text: &mut String, depth: usize) {
        match self {
            Self::Map(map) => map.0.iter().for_each(|entry| entry.write(text, depth, true)),
            Self::List(items) => items.iter().for_each(|item| item.write_item(text, depth)),
            scalar => {
                indent(text, depth);
                text.push_str(&scalar.inline(depth));
                text.push('\n');
            }
        }
    }

    /// One item of a list; the first key of a map stands beside the dash.
    fn write_item(&self, text: &mut String, depth: usize) {
        match self {
            Self::Map(map) if !map.0.is_empty() => {
                if let Some(first) = map.0.first() {
                    write_comment(text, depth, &first.comment);
                }
                indent(text, depth);
                text.push_str("- ");
                for (index, entry) in map.0.iter().enumerate() {
                    entry.write(text, depth + 1, index > 0);
                }
            }
            item => {
                indent(text, depth);
                let _ = writeln!(text, "- {}", item.inline(depth + 1));
            }
        }
    }

    fn inline(&self, depth: usize) -> String {
        match self {
            Self::Text(text) => scalar(text),
            Self::Lines(lines) => block(lines, depth),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Same(name) => format!("*{name}"),
            Self::Named(name, value) => format!("&{name} {}", value.inline(depth)),
            Self::List(items) => format!("[{}]", items.iter().map(|item| item.inline(depth)).collect::<Vec<_>>().join(", ")),
            Self::Map(map) if map.0.is_empty() => "{}".to_owned(),
            Self::Map(map) => {
                let entries = map.0.iter().map(|entry| format!("{}: {}", scalar(&entry.key), entry.value.inline(depth)));
                format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Lists of words stand on one line, and so does what is empty.
    fn is_inline(&self) -> bool {
        match self {
            Self::List(items) => {
                let is_word = |item: &Self| matches!(item, Self::Text(_) | Self::Number(_) | Self::Flag(_));
                items.is_empty() || (items.iter().all(is_word) && self.inline(0).len() <= 60)
            }
            Self::Map(map) => map.0.is_empty(),
            Self::Named(..) => false,
            _ => true,
        }
    }
}

impl Entry {
    fn write(&self, text: &mut String, depth: usize, is_begun_here: bool) {
        if is_begun_here {
            write_comment(text, depth, &self.comment);
            indent(text, depth);
        }
        text.push_str(&scalar(&self.key));
        text.push(':');
        if let Yaml::Named(name, value) = &self.value {
            let _ = writeln!(text, " &{name}");
            value.write(text, depth + 1);
        } else if self.value.is_inline() {
            let _ = writeln!(text, " {}", self.value.inline(depth + 1));
        } else {
            text.push('\n');
            self.value.write(text, depth + 1);
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    text.push_str(&"  ".repeat(depth));
}

fn write_comment(text: &mut String, depth: usize, comment: &str) {
    let mut line = String::new();
    for word in comment.split_whitespace() {
        if !line.is_empty() && depth * 2 + line.len() + word.len() > WIDTH {
            indent(text, depth);
            let _ = writeln!(text, "#{line}");
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    if !line.is_empty() {
        indent(text, depth);
        let _ = writeln!(text, "#{line}");
    }
}

fn block(lines: &str, depth: usize) -> String {
    let indented = lines.lines().map(|line| if line.is_empty() { String::new() } else { format!("{}{line}", "  ".repeat(depth)) });
    format!("|\n{}", indented.collect::<Vec<_>>().join("\n"))
}

/// Plain where no reader of YAML 1.1 or 1.2 sees anything but this text; else quoted as JSON has it.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%".contains(c);
    let starts_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let middle = |c: char| plain(c) || " :=()$".contains(c);
    let separators = text.contains(": ") || text.ends_with([':', ' ']) || text.contains(" #");
    let is_plain = starts_plain && text.chars().all(middle) && !separators && !is_word_of_yaml(text);
    if is_plain || is_amount(text) || text == MERGE {
        return text.to_owned();
    }
    let escaped = text.chars().fold(String::new(), |escaped, c| match c {
        '"' | '\\' => escaped + "\\" + c.encode_utf8(&mut [0; 4]),
        '\n' => escaped + "\\n",
        '\t' => escaped + "\\t",
        c if c.is_control() => escaped + &format!("\\u{:04x}", u32::from(c)),
        c => escaped + c.encode_utf8(&mut [0; 4]),
    });
    format!("\"{escaped}\"")
}

/// The key that takes over everything of another map, where it is not quoted.
const MERGE: &str = "<<";

/// A number with its unit, such as 640Mi, 1500m or 45s.
fn is_amount(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < text.len() && ["m", "s", "Mi", "Gi"].contains(&unit)
}

/// Words that some reader takes for a flag, nothing or a number.
fn is_word_of_yaml(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"].contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::Yaml;

    #[test]
    fn it_reads_as_a_person_would_write_it() {
        let limit: Option<u32> = None;
        let common = yaml!({ kind: "Pod" });
        let tree = yaml!({
            # "Why it is one."
            replicas: 1,
            "app.kubernetes.io/name": "x",
            (format!("key{}", 1)): [1, 2],
            list: [{ # "About a." a: "1", b: { c: {} } }, "text"],
            pids ?: limit,
            ..common,
            text: "on",
            lines: Yaml::Lines("a\n\nb".to_owned()),
        });
        let expected = "# Why it is one.\nreplicas: 1\napp.kubernetes.io/name: x\nkey1: [1, 2]\nlist:\n  # About a.\n  - a: \"1\"\n    b:\n      c: {}\n  - text\n\
                        kind: Pod\ntext: \"on\"\nlines: |\n  a\n\n  b\n";
        assert_eq!(tree.document(""), expected);
    }

    #[test]
    #[should_panic(expected = "given once")]
    fn no_key_twice() {
        yaml!({ a: 1, a: 2 });
    }
}
