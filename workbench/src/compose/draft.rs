//! Draft: the text in the composer, its form, and the message built from it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use session::{Message, Payload};

use super::{
    draft_error::DraftError,
    layout::{Layout, laid_out},
    template::{Template, Values},
};
use crate::payload::{base64_text, hex_text, json, read_base64, read_hex};

/// Form of a draft's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A text message, as it stands.
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
    /// All of them, as they are offered.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Hex, Self::Base64];

    /// The message that a text becomes which has no variables any more.
    ///
    /// # Errors
    ///
    /// If the text is not of this form. A size or depth of JSON is never an error.
    pub fn message(self, text: Cow<'_, str>) -> Result<Message, DraftError> {
        if self == Self::Json {
            json::check(&text)?;
        }
        Ok(match self {
            Self::Text | Self::Json => Message::Text(text.into_owned()),
            Self::Hex => Message::Binary(read_hex(&text)?),
            Self::Base64 => Message::Binary(read_base64(&text)?),
        })
    }
}

/// A message that is being written. It may have variables, see [`Template`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Form of `text`.
    pub form: Form,
    /// Text as typed.
    pub text: String,
}

impl Draft {
    /// A draft of this text.
    #[must_use]
    pub fn new(form: Form, text: impl Into<String>) -> Self {
        Self { form, text: text.into() }
    }

    /// A draft that becomes `payload` again: to change what was sent or received. Bytes become
    /// base64 if that is asked for, else hexadecimal; text becomes JSON if asked for, else text.
    #[must_use]
    pub fn of(payload: Payload<'_>, preferred: Form) -> Self {
        match (payload, preferred) {
            (Payload::Text(text), Form::Json) => Self::new(Form::Json, Template::escaped(text)),
            (Payload::Text(text), _) => Self::new(Form::Text, Template::escaped(text)),
            (Payload::Binary(bytes), Form::Base64) => Self::new(Form::Base64, base64_text(bytes)),
            (Payload::Binary(bytes), _) => Self::new(Form::Hex, hex_text(bytes)),
        }
    }

    /// Says what is wrong with it, as far as that is known before its variables are filled in. In
    /// JSON a variable may stand for a value or a part of one; in hexadecimal and base64 it may stand
    /// for any part, so that with variables only those are checked.
    ///
    /// # Errors
    ///
    /// The first mistake.
    pub fn check(&self) -> Result<(), DraftError> {
        let template = Template::parse(&self.text)?;
        match self.form {
            Form::Json => json::check(&template.standing_in())?,
            Form::Hex if template.is_constant() => drop(read_hex(&self.text)?),
            Form::Base64 if template.is_constant() => drop(read_base64(&self.text)?),
            _ => {}
        }
        Ok(())
    }

    /// The message that it becomes. To make many of it, [`compose`](Self::compose) it once.
    ///
    /// # Errors
    ///
    /// If it is not of its form, or its variables cannot be filled in.
    pub fn message(&self, values: &mut Values) -> Result<Message, DraftError> {
        let template = Template::parse(&self.text)?;
        self.form.message(template.fill(values)?)
    }

    /// Makes it ready to become messages, one or a million.
    ///
    /// # Errors
    ///
    /// If it is not of its form, as far as that is known.
    pub fn compose(self) -> Result<Composed, DraftError> {
        self.check()?;
        let template = Template::parse(self.text)?;
        if template.is_constant() {
            return self.form.message(template.into_text()).map(Composed::Constant);
        }
        Ok(Composed::Variable(self.form, template))
    }

    /// Its JSON with a line for each item.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or would become too long.
    pub fn formatted(&self) -> Result<Self, DraftError> {
        self.laid_out(Layout::Lines)
    }

    /// Its JSON without blanks.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    pub fn minified(&self) -> Result<Self, DraftError> {
        self.laid_out(Layout::Minified)
    }

    fn laid_out(&self, layout: Layout) -> Result<Self, DraftError> {
        let template = Template::parse(&self.text)?;
        let text = laid_out(&self.text, &template.standing_in(), layout)?;
        Ok(Self::new(self.form, text))
    }
}

/// A draft without a mistake, ready to be sent again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Composed {
    /// Always the same message.
    Constant(Message),
    /// One whose variables are filled in each time.
    Variable(Form, Template<'static>),
}

impl Composed {
    /// The next message.
    ///
    /// # Errors
    ///
    /// If its variables cannot be filled in, or make something of it that is not of its form.
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
    fn a_mistake_is_named_with_its_place() {
        expect!["line 2, column 8: expected a value, found }."]
            .assert_eq(&wrong(Form::Json, "{\n\"가\":   }"));
        expect!["line 1, column 2: {{ is not closed. Add }}, or write {{{{ for literal braces."]
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
        expect!["line 1, column 14: expected a comma or }, found x."]
            .assert_eq(&wrong(Form::Json, r#"{"a":{{seq}} x}"#));
        expect!["line 1, column 2: expected a key in quotation marks, or }, found {."]
            .assert_eq(&wrong(Form::Json, r"{{{{}}"));
        // What a variable makes of it is known when it is filled in.
        assert_eq!(wrong(Form::Json, "{{now}}"), "");
        assert!(matches!(sent(Form::Json, "{{now}}"), Err(DraftError::Json(_))));
        assert_eq!(sent(Form::Json, "\"{{{{now}}\""), Ok(Message::Text("\"{{now}}\"".into())));
    }

    #[test]
    fn json_is_laid_out_around_variables() {
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
    fn valid_json_is_never_too_large_or_deep() {
        let wide = format!("[{}1]", "1,".repeat(MAX_NODES));
        let deep = "[".repeat(MAX_DEPTH * 100) + &"]".repeat(MAX_DEPTH * 100);
        for text in [wide, deep] {
            assert_eq!(wrong(Form::Json, &text), "");
            assert_ne!(wrong(Form::Json, &text[1..]), "");
        }
    }

    #[test]
    fn what_is_composed_counts_on() {
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
        fn a_message_that_is_edited_stays_the_same(text in "[{}a-c\"1 \n가]{0,12}", bytes: Vec<u8>) {
            for form in Form::ALL {
                let draft = Draft::of(Payload::Binary(&bytes), form);
                prop_assert_eq!(draft.message(&mut Values::new(0)), Ok(Message::Binary(bytes.clone())));
            }
            let draft = Draft::of(Payload::Text(&text), Form::Text);
            prop_assert_eq!(draft.message(&mut Values::new(0)), Ok(Message::Text(text)));
        }

        #[test]
        fn what_is_checked_well_and_has_no_variables_is_sent(
            form in prop::sample::select(Form::ALL.to_vec()), text in "[\\[\\]{}\"0-9a-f,: =]{0,12}"
        ) {
            let draft = Draft::new(form, text);
            prop_assume!(!draft.text.contains("{{"));
            prop_assert_eq!(draft.check().err(), draft.message(&mut Values::new(0)).err());
            prop_assert_eq!(draft.clone().compose().err(), draft.check().err());
        }
    }
}
