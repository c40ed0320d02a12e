//! Placeholders of variables: `session`, which masks secrets, finds the same ones as the template that expands them.

use proptest::prelude::*;
use session::typed_text;
use workbench::compose::Template;

proptest! {
    #[test]
    fn what_is_typed_is_what_a_template_does_not_expand(
        parts in prop::collection::vec(
            prop_oneof![
                Just("{{a}}"), Just("{{ a.b-c_1\t}}"), Just("{{now}}"), Just("{{random -9 1}}"),
                Just("{{{{"), Just("{{"), Just("}}"), Just("{"), Just("}"), Just("a"), Just("a b"), Just("é"), Just(" "),
            ],
            0..8,
        )
    ) {
        let text = parts.concat();
        if let Ok(template) = Template::parse(&*text) {
            // An escape is typed, too.
            prop_assert_eq!(typed_text(&text), template.filled_by("").replace("{{", "{{{{"));
        }
    }
}
