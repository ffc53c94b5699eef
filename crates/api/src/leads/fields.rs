//! What a form asks, and whether an answer fits.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{auth::account, http::problem::FieldProblem};

const FIELDS_MAX: usize = 30;
const OPTIONS_MAX: usize = 50;
/// Characters of labels, hints and options.
const LABEL_MAX: usize = 300;
const TEXT_MAX: usize = 200;
const LONG_TEXT_MAX: usize = 5_000;
const PHONE_MAX: usize = 30;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FieldKind {
    /// One line, at most 200 characters.
    Text,
    /// Several lines, at most 5,000 characters.
    LongText,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// One of `options`.
    Choice,
    /// Yes or no. Required: yes.
    Consent,
}

/// One thing that a form asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormField)]
pub(crate) struct Field {
    /// Its name in answers: lower-case letters, digits and `_`, at most 40, a letter first.
    #[schema(examples("company"), min_length = 1, max_length = 40)]
    pub(crate) name: String,
    /// What visitors read.
    #[schema(min_length = 1, max_length = 300)]
    pub(crate) label: String,
    /// More about it.
    #[serde(default)]
    #[schema(max_length = 300)]
    pub(crate) hint: String,
    /// What is asked for.
    pub(crate) kind: FieldKind,
    /// Whether it must be answered.
    #[serde(default)]
    pub(crate) required: bool,
    /// What can be chosen.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub(crate) options: Vec<String>,
}

/// An answer, as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Answer)]
pub(crate) struct Answered {
    /// The name of the field.
    pub(crate) name: String,
    /// What the visitor read.
    pub(crate) label: String,
    /// What they answered; `yes` or `no` to a consent.
    pub(crate) value: String,
}

fn problem(pointer: String, detail: impl Into<String>) -> FieldProblem {
    FieldProblem { pointer, detail: detail.into() }
}

/// What is wrong with the fields of a form.
pub(crate) fn definition_problems(fields: &[Field], double_opt_in: bool) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if fields.is_empty() || fields.len() > FIELDS_MAX {
        problems.push(problem("/fields".into(), format!("A form has 1 to {FIELDS_MAX} fields.")));
        return problems;
    }
    let mut names = HashSet::new();
    for (index, field) in fields.iter().enumerate() {
        let at = |part: &str| format!("/fields/{index}/{part}");
        let named = field.name.starts_with(|c: char| c.is_ascii_lowercase())
            && field.name.len() <= 40
            && field.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !named {
            problems.push(problem(at("name"), "A name has lower-case letters, digits and _, at most 40, a letter first."));
        } else if !names.insert(&field.name) {
            problems.push(problem(at("name"), "Another field has this name."));
        }
        if field.label.trim().is_empty() || !is_line(&field.label, LABEL_MAX) {
            problems.push(problem(at("label"), format!("A label has 1 to {LABEL_MAX} characters, on one line.")));
        }
        if !is_line(&field.hint, LABEL_MAX) {
            problems.push(problem(at("hint"), format!("A hint has at most {LABEL_MAX} characters, on one line.")));
        }
        let different: HashSet<&String> = field.options.iter().collect();
        let options = match field.kind {
            FieldKind::Choice if !(2..=OPTIONS_MAX).contains(&field.options.len()) => {
                Some(format!("A choice has 2 to {OPTIONS_MAX} options."))
            }
            FieldKind::Choice if different.len() < field.options.len() => Some("Two options are the same.".to_owned()),
            FieldKind::Choice if field.options.iter().any(|option| option.trim().is_empty() || !is_line(option, LABEL_MAX)) => {
                Some(format!("An option has 1 to {LABEL_MAX} characters, on one line."))
            }
            FieldKind::Choice => None,
            _ if field.options.is_empty() => None,
            _ => Some("Only a choice has options.".to_owned()),
        };
        problems.extend(options.map(|detail| problem(at("options"), detail)));
    }
    if double_opt_in && !fields.iter().any(|field| field.kind == FieldKind::Email && field.required) {
        problems.push(problem("/double_opt_in".into(), "To confirm an address the form needs a required field for one."));
    }
    problems
}

fn is_line(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.contains(char::is_control)
}

/// The answers in the order of the fields, and the first address among them.
///
/// # Errors
///
/// Every answer that doesn't fit, by its pointer.
pub(crate) fn check(fields: &[Field], answers: &Map<String, Value>) -> Result<(Vec<Answered>, Option<String>), Vec<FieldProblem>> {
    let pointer = |name: &str| format!("/answers/{}", name.chars().take(40).collect::<String>().replace('~', "~0").replace('/', "~1"));
    let mut problems: Vec<FieldProblem> = answers
        .keys()
        .filter(|name| !fields.iter().any(|field| field.name == **name))
        .take(FIELDS_MAX)
        .map(|name| problem(pointer(name), "This form does not ask for that."))
        .collect();
    let (mut taken, mut email) = (Vec::new(), None);
    for field in fields {
        match value(field, answers.get(&field.name)) {
            Ok(None) => {}
            Ok(Some(value)) => {
                if field.kind == FieldKind::Email && email.is_none() {
                    email = Some(value.clone());
                }
                taken.push(Answered { name: field.name.clone(), label: field.label.clone(), value });
            }
            Err(detail) => problems.push(problem(pointer(&field.name), detail)),
        }
    }
    if problems.is_empty() { Ok((taken, email)) } else { Err(problems) }
}

/// The answer as text; none where there is none and none is needed.
fn value(field: &Field, answer: Option<&Value>) -> Result<Option<String>, String> {
    if field.kind == FieldKind::Consent {
        return match answer {
            Some(Value::Bool(true)) => Ok(Some("yes".into())),
            None | Some(Value::Null | Value::Bool(false)) if field.required => Err("This needs your consent.".into()),
            None | Some(Value::Null | Value::Bool(false)) => Ok(Some("no".into())),
            Some(_) => Err("This is true or false.".into()),
        };
    }
    let text = match answer {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text.trim(),
        Some(_) => return Err("This is a text.".into()),
    };
    if text.is_empty() {
        return if field.required { Err("This must be answered.".into()) } else { Ok(None) };
    }
    let detail = match field.kind {
        FieldKind::Text if !is_line(text, TEXT_MAX) => format!("At most {TEXT_MAX} characters, on one line."),
        FieldKind::LongText if text.chars().count() > LONG_TEXT_MAX || text.contains(|c: char| c.is_control() && !"\r\n\t".contains(c)) => {
            format!("At most {LONG_TEXT_MAX} characters.")
        }
        FieldKind::Email if !account::is_address(text) || !text.is_ascii() => "This is no e-mail address, as in ana@example.com.".into(),
        FieldKind::Phone if !is_phone(text) => "This is no telephone number, as in +49 30 1234567.".into(),
        FieldKind::Choice if !field.options.iter().any(|option| option == text) => "This is none of what can be chosen.".into(),
        _ => return Ok(Some(text.to_owned())),
    };
    Err(detail)
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 4 && text.len() <= PHONE_MAX && text.chars().all(|c| c.is_ascii_digit() || "+-()/. ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::json;

    fn fields() -> Vec<Field> {
        let fields = json!([
            { "name": "name", "label": "Name", "kind": "text", "required": true },
            { "name": "email", "label": "E-mail", "kind": "email", "required": true },
            { "name": "phone", "label": "Phone", "kind": "phone" },
            { "name": "topic", "label": "Topic", "kind": "choice", "options": ["Sales", "Help"] },
            { "name": "text", "label": "Text", "kind": "long-text" },
            { "name": "terms", "label": "Terms", "kind": "consent", "required": true },
        ]);
        serde_json::from_value(fields).unwrap()
    }

    #[track_caller]
    fn check_answers(answers: Value, expected: &Expect) {
        let shown = match check(&fields(), answers.as_object().unwrap()) {
            Ok((taken, email)) => {
                let taken: Vec<String> = taken.iter().map(|answer| format!("{}={}", answer.name, answer.value)).collect();
                format!("{} ({})", taken.join(" "), email.unwrap_or_default())
            }
            Err(problems) => {
                problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.detail)).collect::<Vec<_>>().join("\n")
            }
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn answers_fit_or_are_named() {
        let good = json!({ "name": " Ana ", "email": "ana@example.com", "topic": "Help", "text": "a\nb", "terms": true });
        check_answers(good, &expect!["name=Ana email=ana@example.com topic=Help text=a\nb terms=yes (ana@example.com)"]);
        check_answers(
            json!({}),
            &expect![[r#"
                /answers/name This must be answered.
                /answers/email This must be answered.
                /answers/terms This needs your consent."#]],
        );
        let bad = json!({
            "name": "Ana\r\nBcc: all@example.com", "email": "ana@example.com\u{0}", "phone": "call me", "topic": "Else", "text": "x".repeat(5001),
            "terms": "yes", "role/x": "admin"
        });
        check_answers(
            bad,
            &expect![[r#"
                /answers/role~1x This form does not ask for that.
                /answers/name At most 200 characters, on one line.
                /answers/email This is no e-mail address, as in ana@example.com.
                /answers/phone This is no telephone number, as in +49 30 1234567.
                /answers/topic This is none of what can be chosen.
                /answers/text At most 5000 characters.
                /answers/terms This is true or false."#]],
        );
        check_answers(
            json!({ "name": 7, "email": ["x"], "terms": 1 }),
            &expect![[r#"
                /answers/name This is a text.
                /answers/email This is a text.
                /answers/terms This is true or false."#]],
        );
    }

    #[test]
    fn a_definition_is_checked() {
        assert_eq!(definition_problems(&fields(), true), []);
        let mut broken = fields();
        broken[0].name = "Name!".into();
        broken[1].required = false;
        broken[2].options = vec!["x".into()];
        broken[3].options = vec!["x".into(), "x".into()];
        broken[4].name = "topic".into();
        broken[5].label = "two\nlines".into();
        let pointers: Vec<String> = definition_problems(&broken, true).into_iter().map(|problem| problem.pointer).collect();
        assert_eq!(
            pointers,
            ["/fields/0/name", "/fields/2/options", "/fields/3/options", "/fields/4/name", "/fields/5/label", "/double_opt_in"]
        );
        assert_eq!(definition_problems(&[], false)[0].pointer, "/fields");
    }
}
