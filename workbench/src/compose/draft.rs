//! Draft: the text in the composer, its form, and the message built from it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use session::{Message, Payload};

use super::{
    draft_error::{DraftError, MAX_FORMATTED_BYTES},
    layout::{Layout, laid_out},
    template::{Template, Values},
};
use crate::payload::{decode_base64, decode_hex, encode_base64, encode_hex, json};

/// Form of a draft's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// Text message, verbatim.
    #[default]
    Text,
    /// A text message that must be JSON (RFC 8259).
    Json,
    /// A binary message in hexadecimal.
    Hex,
    /// A binary message in base64 (RFC 4648).
    Base64,
}

impl Form {
    /// All forms, in display order.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Hex, Self::Base64];

    /// Converts expanded text to a message.
    ///
    /// # Errors
    /// If the text is invalid in this form. JSON is never too large or too deep.
    pub fn message(self, text: Cow<'_, str>) -> Result<Message, DraftError> {
        if self == Self::Json {
            json::check(&text)?;
        }
        Ok(match self {
            Self::Text | Self::Json => Message::Text(text.into_owned()),
            Self::Hex => Message::Binary(decode_hex(&text)?),
            Self::Base64 => Message::Binary(decode_base64(&text)?),
        })
    }
}

/// Unsent message. May contain variables, see [`Template`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Form of `text`.
    pub form: Form,
    /// Text as typed.
    pub text: String,
}

impl Draft {
    /// Creates a draft.
    #[must_use]
    pub fn new(form: Form, text: impl Into<String>) -> Self {
        Self { form, text: text.into() }
    }

    /// Creates a draft that produces `payload`, for editing a message. Bytes become base64 if
    /// requested, else hexadecimal; text becomes JSON if requested, else text.
    #[must_use]
    pub fn of(payload: Payload<'_>, preferred: Form) -> Self {
        match (payload, preferred) {
            (Payload::Text(text), Form::Json) => Self::new(Form::Json, Template::escaped(text)),
            (Payload::Text(text), _) => Self::new(Form::Text, Template::escaped(text)),
            (Payload::Binary(bytes), Form::Base64) => Self::new(Form::Base64, encode_base64(bytes)),
            (Payload::Binary(bytes), _) => Self::new(Form::Hex, encode_hex(bytes)),
        }
    }

    /// Rewrites the draft in another form, so that it produces the same bytes. The text stays as it is
    /// where that is impossible: with variables, if it is invalid, if its bytes are no text, or if the
    /// result would exceed [`MAX_FORMATTED_BYTES`].
    #[must_use]
    pub fn in_form(self, form: Form) -> Self {
        self.rewritten(form).unwrap_or(Self { form, ..self })
    }

    /// Same bytes in another form; `None` if the text has variables, or is invalid in its own form.
    fn rewritten(&self, form: Form) -> Option<Self> {
        let is_text = |form| matches!(form, Form::Text | Form::Json);
        if self.form == form || is_text(self.form) && is_text(form) {
            return None;
        }
        let template = Template::parse(&self.text).ok().filter(|it| !it.has_variables())?;
        let text = template.fill(&mut Values::new(0)).ok()?;
        let bytes = match self.form {
            Form::Text | Form::Json => text.into_owned().into_bytes(),
            Form::Hex => decode_hex(&text).ok()?,
            Form::Base64 => decode_base64(&text).ok()?,
        };
        let payload = if is_text(form) {
            Payload::Text(str::from_utf8(&bytes).ok()?)
        } else {
            Payload::Binary(&bytes)
        };
        let draft = Self::of(payload, form);
        (draft.text.len() <= MAX_FORMATTED_BYTES).then_some(draft)
    }

    /// Validates the draft before its variables are expanded. In JSON a variable may stand for all
    /// or part of a value; in hexadecimal and base64 for any part, so that with variables only
    /// those are checked.
    ///
    /// # Errors
    /// The first error.
    pub fn check(&self) -> Result<(), DraftError> {
        let template = Template::parse(&self.text)?;
        match self.form {
            Form::Json => json::check(&template.standing_in())?,
            Form::Hex if template.is_constant() => drop(decode_hex(&self.text)?),
            Form::Base64 if template.is_constant() => drop(decode_base64(&self.text)?),
            _ => {}
        }
        Ok(())
    }

    /// Builds the message. For many messages, [`compose`](Self::compose) once.
    ///
    /// # Errors
    /// If the text is invalid in its form, or a variable cannot be expanded.
    pub fn message(&self, values: &mut Values) -> Result<Message, DraftError> {
        let template = Template::parse(&self.text)?;
        self.form.message(template.fill(values)?)
    }

    /// Prepares the draft for building messages, one or a million.
    ///
    /// # Errors
    /// If the text is known to be invalid.
    pub fn compose(self) -> Result<Composed, DraftError> {
        self.check()?;
        let template = Template::parse(self.text)?;
        if template.is_constant() {
            return self.form.message(template.into_text()).map(Composed::Constant);
        }
        Ok(Composed::Variable(self.form, template))
    }

    /// Formats the JSON with one item per line.
    ///
    /// # Errors
    /// If it is not JSON, or the result is too long.
    pub fn formatted(&self) -> Result<Self, DraftError> {
        self.laid_out(Layout::Lines)
    }

    /// Minifies the JSON.
    ///
    /// # Errors
    /// If it is not JSON.
    pub fn minified(&self) -> Result<Self, DraftError> {
        self.laid_out(Layout::Minified)
    }

    /// JSON in another layout. Variables keep their places: values stand in for them while it is
    /// parsed.
    fn laid_out(&self, layout: Layout) -> Result<Self, DraftError> {
        let template = Template::parse(&self.text)?;
        let text = laid_out(&self.text, &template.standing_in(), layout)?;
        Ok(Self::new(self.form, text))
    }
}

/// Valid draft, ready to be sent repeatedly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composed {
    /// Constant message.
    Constant(Message),
    /// Template, expanded per message.
    Variable(Form, Template<'static>),
}

impl Composed {
    /// Builds the next message.
    ///
    /// # Errors
    /// If a variable cannot be expanded, or the result is invalid in its form.
    pub fn message(&self, values: &mut Values) -> Result<Message, DraftError> {
        match self {
            Self::Constant(message) => Ok(message.clone()),
            Self::Variable(form, template) => form.message(template.fill(values)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;
    use crate::payload::LineColumn;
    use crate::payload::{MAX_DEPTH, MAX_NODES};

    fn wrong(form: Form, text: &str) -> String {
        Draft::new(form, text).check().err().map_or_else(String::new, |error| error.to_string())
    }

    fn sent(form: Form, text: &str) -> Result<Message, DraftError> {
        Draft::new(form, text).message(&mut Values::new(1))
    }

    #[test]
    fn each_form_becomes_its_kind_of_message() {
        let text = |text: &str| Ok(Message::Text(text.to_owned()));
        assert_eq!(sent(Form::Text, "{ \n"), text("{ \n"));
        assert_eq!(sent(Form::Json, " [1] "), text(" [1] "));
        assert_eq!(sent(Form::Hex, "00 ff"), Ok(Message::Binary(vec![0, 255])));
        assert_eq!(sent(Form::Base64, "AP8"), Ok(Message::Binary(vec![0, 255])));
        assert_eq!(sent(Form::default(), ""), text(""));
    }

    #[test]
    fn errors_name_their_position() {
        expect!["line 2, column 8: expected a value, found \"}\"."]
            .assert_eq(&wrong(Form::Json, "{\n\"가\":   }"));
        expect!["line 1, column 2: {{ is not closed. Add }}. For a literal {{, write {{{{."]
            .assert_eq(&wrong(Form::Json, "[{{seq]"));
        assert_eq!(wrong(Form::Hex, "{{seq}}!"), "");
        assert_eq!(
            sent(Form::Hex, "{{seq}}!").map_err(|error| error.place()),
            Err(Some(LineColumn { line: 1, column: 2 }))
        );
        assert_ne!(wrong(Form::Base64, "!"), "");
    }

    #[test]
    fn json_is_checked_around_variables() {
        assert_eq!(
            wrong(Form::Json, r#"{"a":{{random 1 2}},"{{b}}":["x {{c}} {{{{",1{{d}}]}"#),
            ""
        );
        expect!["line 1, column 14: expected a comma or }, found \"x\"."]
            .assert_eq(&wrong(Form::Json, r#"{"a":{{seq}} x}"#));
        expect!["line 1, column 2: expected a key in quotation marks, or }, found \"{\"."]
            .assert_eq(&wrong(Form::Json, r"{{{{}}"));
        // What a variable makes of it is known when it is filled in.
        assert_eq!(wrong(Form::Json, "{{now}}"), "");
        assert!(matches!(sent(Form::Json, "{{now}}"), Err(DraftError::Json(_))));
        assert_eq!(sent(Form::Json, "\"{{{{now}}\""), Ok(Message::Text("\"{{now}}\"".into())));
    }

    #[test]
    fn json_is_formatted_around_variables() {
        let draft = Draft::new(Form::Json, r#"{"a":{{random 1 2}},"b":"{{{{"}"#);
        let formatted = draft.formatted().unwrap();
        expect![[r#"
            {
              "a": {{random 1 2}},
              "b": "{{{{"
            }"#]]
        .assert_eq(&formatted.text);
        assert_eq!(formatted.minified(), Ok(draft));
    }

    #[test]
    fn another_form_keeps_the_bytes() {
        let rewritten = |from, text: &str, to| Draft::new(from, text).in_form(to).text;
        assert_eq!(rewritten(Form::Text, "hé", Form::Hex), "68 c3 a9");
        assert_eq!(rewritten(Form::Json, "{", Form::Base64), "ew==");
        assert_eq!(rewritten(Form::Hex, "68 c3a9", Form::Text), "hé");
        assert_eq!(rewritten(Form::Base64, "AP8", Form::Hex), "00 ff");
        assert_eq!(rewritten(Form::Text, "{{{{a}}", Form::Hex), "7b 7b 61 7d 7d");
        assert_eq!(rewritten(Form::Hex, "7b 7b 61 7d 7d", Form::Text), "{{{{a}}");
    }

    #[test]
    fn another_form_loses_nothing() {
        let large = "x".repeat(MAX_FORMATTED_BYTES / 2);
        for (from, text, to) in [
            (Form::Text, "{{seq}}", Form::Hex),
            (Form::Text, "{{a", Form::Base64),
            (Form::Text, &*large, Form::Hex),
            (Form::Text, "00", Form::Json),
            (Form::Hex, "00 f", Form::Text),
            (Form::Hex, "00 ff", Form::Text),
            (Form::Base64, "!", Form::Hex),
        ] {
            assert_eq!(Draft::new(from, text).in_form(to), Draft::new(to, text));
        }
    }

    #[test]
    fn valid_json_is_never_too_large_or_deep() {
        let wide = format!("[{}1]", "1,".repeat(MAX_NODES));
        let deep = "[".repeat(MAX_DEPTH * 100) + &"]".repeat(MAX_DEPTH * 100);
        for text in [wide, deep] {
            assert_eq!(wrong(Form::Json, &text), "");
            assert_ne!(wrong(Form::Json, &text[1..]), "");
        }
    }

    #[test]
    fn composed_messages_share_the_sequence() {
        let mut values = Values::new(1);
        let counted = Draft::new(Form::Hex, "{{random 10 99}}").compose().unwrap();
        assert_eq!(counted.message(&mut values).unwrap().len(), 1);
        let counted = Draft::new(Form::Json, "{{seq}}").compose().unwrap();
        for number in 1..4 {
            assert_eq!(counted.message(&mut values), Ok(Message::Text(number.to_string())));
        }
        assert!(Draft::new(Form::Json, "{").compose().is_err());
        let constant = Draft::new(Form::Text, "a").compose().unwrap();
        assert_eq!(constant, Composed::Constant(Message::Text("a".into())));
    }

    proptest! {
        #[test]
        fn editing_preserves_the_message(text in "[{}a-c\"1 \n가]{0,12}", bytes: Vec<u8>) {
            for form in Form::ALL {
                let draft = Draft::of(Payload::Binary(&bytes), form);
                prop_assert_eq!(draft.message(&mut Values::new(0)), Ok(Message::Binary(bytes.clone())));
            }
            let draft = Draft::of(Payload::Text(&text), Form::Text);
            prop_assert_eq!(draft.message(&mut Values::new(0)), Ok(Message::Text(text)));
        }

        #[test]
        fn a_form_and_back_is_the_same_text(text in "[{}a-c\"1 \n가]{0,12}") {
            let text = Template::escaped(&text);
            for form in Form::ALL {
                let there = Draft::new(Form::Text, &*text).in_form(form);
                prop_assert_eq!(&there.in_form(Form::Text).text, &*text);
            }
        }

        #[test]
        fn valid_drafts_without_variables_are_sent(
            form in prop::sample::select(Form::ALL.to_vec()), text in "[\\[\\]{}\"0-9a-f,: =]{0,12}"
        ) {
            let draft = Draft::new(form, text);
            prop_assume!(!draft.text.contains("{{"));
            prop_assert_eq!(draft.check().err(), draft.message(&mut Values::new(0)).err());
            prop_assert_eq!(draft.clone().compose().err(), draft.check().err());
        }
    }
}
