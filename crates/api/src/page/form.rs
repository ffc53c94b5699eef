//! A form: `ui/src/public/form-view.tsx` as HTML. Sending it needs the page: until it is there, the button can't be pressed, since the browser's
//! own way would put the answers into the address.

use maud::{Markup, html};

use super::words::Words;
use crate::leads::{Field, FieldKind, public::PublicForm};

/// A form to fill in.
pub(super) fn form(form: &PublicForm, words: &Words) -> Markup {
    html! {
        div class="narrow" {
            h1 tabindex="-1" { (form.title) }
            form class="form" novalidate {
                @for field in &form.fields { (question(field, words)) }
                // People don't see it, and the keyboard passes it by.
                div class="trap" aria-hidden="true" {
                    label { (words.website) input tabindex="-1" autocomplete="off" name="website" value=""; }
                }
                button class="button button-primary" type="submit" disabled { (words.send) }
                noscript { p { (words.needs_script) } }
            }
        }
    }
}

fn question(field: &Field, words: &Words) -> Markup {
    let id = format!("field-{}", field.name);
    let note = (!field.hint.is_empty()).then(|| format!("{id}-note"));
    let label = if field.required { field.label.clone() } else { words.optional(&field.label) };
    let required = field.required.then_some("true");
    html! {
        div class="field" {
            @if field.kind == FieldKind::Consent {
                label class="check" {
                    input id=(id) name=(field.name) type="checkbox" aria-describedby=[note.as_ref()] aria-required=[required];
                    span { (label) }
                }
            } @else {
                label for=(id) { (label) }
                (input(field, &id, note.as_ref(), required, words))
            }
            @if let Some(note) = &note { p id=(note) class="field-note" { (field.hint) } }
        }
    }
}

fn input(field: &Field, id: &str, note: Option<&String>, required: Option<&str>, words: &Words) -> Markup {
    let (kind, completes) = match field.kind {
        FieldKind::Email => ("email", "email"),
        FieldKind::Phone => ("tel", "tel"),
        _ => ("text", "on"),
    };
    html! {
        @match field.kind {
            FieldKind::Choice => {
                select id=(id) name=(field.name) aria-describedby=[note] aria-required=[required] {
                    option value="" { (words.choose) }
                    @for option in &field.options { option { (option) } }
                }
            }
            FieldKind::LongText => { textarea id=(id) name=(field.name) rows="6" aria-describedby=[note] aria-required=[required] {} }
            _ => { input id=(id) name=(field.name) type=(kind) autocomplete=(completes) aria-describedby=[note] aria-required=[required]; }
        }
    }
}
