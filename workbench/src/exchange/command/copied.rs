//! Copied commands: the options of one, and its text.

use session::{MASK, is_secret_name};

use super::shell::{self, NotQuotable};
use crate::{
    compose::{Template, Values, mask_url},
    connect::{Address, AddressError, SubprotocolError, fill_subprotocols, shown_subprotocol},
    relay::{HeaderError, RelayOptions},
};

/// Address of a copied command, with its variables expanded. If `values` hide secrets, those by variables stay as
/// typed, and others are left out. True if any was.
///
/// # Errors
/// If the address, or a variable in it, is invalid.
pub fn copied_address(
    typed: &str,
    values: &Values,
    page_is_secure: bool,
) -> Result<(Address, bool), AddressError> {
    let address = Address::fill(typed, || values.clone(), page_is_secure)?;
    let whole = address.as_str();
    let masked = if values.hides_secrets { mask_url(whole, "") } else { whole.into() };
    Ok((Address::parse(&masked, page_is_secure)?, masked != whole))
}

/// Options of a copied command, with their variables expanded, and other braces escaped: a command that is pasted has
/// variables. If `values` hide secrets, those by variables stay as typed, and others are left out, as are always
/// certificates. True if any was.
///
/// # Errors
/// The first invalid option: without it, the command would connect in another way.
pub fn copied_options(
    options: &RelayOptions,
    values: &Values,
) -> Result<(RelayOptions, bool), HeaderError> {
    let hides = values.hides_secrets;
    let mut kept = if hides { options.stored() } else { options.without_exceptions() };
    kept.headers.retain(|(name, value)| !(name.trim().is_empty() && value.trim().is_empty()));
    let count = kept.headers.len();
    if hides {
        kept.proxy = kept.proxy.replacen("://@", "://", 1);
    }
    kept.headers.retain(|(name, value)| !hides || !value.is_empty() || !options.is_secret(name));
    let is_less = kept.proxy != options.proxy
        || kept.headers.len() < count
        || !options.certificate.is_empty()
        || !(options.offers.is_empty() || options.offered_parameters().is_some())
        || !options.authorities.is_empty();
    let mut filled = kept.expanded(values).map_err(|(_, error)| error)?;
    for ((name, value), (_, typed)) in filled.headers.iter_mut().zip(&kept.headers) {
        let is_secret = hides && !filled.plain.contains(name);
        *value = if is_secret { typed.trim().to_owned() } else { Template::escaped(value).into() };
    }
    filled.accepts_any_certificate = options.accepts_any_certificate;
    Ok((filled, is_less))
}

/// Subprotocols of a copied command, with their variables expanded; those with a secret variable stay as typed if
/// `values` hide secrets, and tokens are left out. True if any was.
///
/// # Errors
/// The first invalid one: without it, the command would connect in another way.
pub fn copied_subprotocols(
    names: &[String],
    values: &Values,
) -> Result<(Vec<String>, bool), SubprotocolError> {
    let whole = Values { hides_secrets: false, ..values.clone() };
    let (mut copied, mut is_less) = (Vec::new(), false);
    for (typed, filled) in names.iter().zip(fill_subprotocols(names, &whole)) {
        let filled = match filled {
            // One that was not stored.
            Err(SubprotocolError::Missing) if values.hides_secrets => MASK.to_owned(),
            filled => filled?,
        };
        let is_secret = |template: Template<'_>| template.names().any(is_secret_name);
        let is_typed = values.hides_secrets && Template::parse(&**typed).is_ok_and(is_secret);
        let name = if is_typed { typed } else { &filled };
        if values.hides_secrets && (name == MASK || shown_subprotocol(name) != name) {
            is_less = true;
        } else if !name.is_empty() {
            copied.push(name.clone());
        }
    }
    Ok((copied, is_less))
}

/// Formats a command that connects like the page, with these options, and sends these messages, quoted for a POSIX
/// shell. Control characters are escaped as `$'…'` (POSIX.1-2024). Certificates of the options are left out: the
/// command takes files.
///
/// # Errors
/// If a message has a character that cannot be quoted.
pub fn to_wsbench_command(
    address: &Address,
    subprotocols: &[String],
    relay: &RelayOptions,
    messages: &[String],
) -> Result<String, NotQuotable> {
    let mut command = "wsbench ".to_owned();
    shell::quote(address.as_str(), &mut command)?;
    let RelayOptions { headers, proxy, address: ip, .. } = relay;
    let compression = relay.offered_parameters().filter(|_| !relay.is_uncompressed);
    let seconds = Some(relay.time_limit.to_string()).filter(|_| relay.time_limit > 0);
    let flags = [
        (relay.accepts_any_certificate, " -k"),
        (relay.follows_redirects, " --follow"),
        (relay.is_uncompressed, " --compression off"),
    ];
    command.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag));
    let names = subprotocols.iter().filter(|name| !name.is_empty());
    let names = names.map(|name| ("--subprotocol", "--subprotocol=", name));
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}"));
    let headers = headers.collect::<Vec<_>>();
    let headers = headers.iter().map(|header| ("-H", "--header=", header));
    let proxy = Some(proxy).filter(|proxy| !proxy.is_empty());
    let resolution = Some(format!("{}:{ip}", address.host_and_port())).filter(|_| !ip.is_empty());
    let route = proxy.map(|proxy| ("--proxy", "--proxy=", proxy)).into_iter();
    let route = route.chain(resolution.as_ref().map(|it| ("--resolve", "--resolve=", it)));
    let route = route.chain(compression.as_ref().map(|it| ("--compression", "--compression=", it)));
    let route = route.chain(seconds.as_ref().map(|it| ("--connect-timeout", "", it)));
    let messages = messages.iter().map(|message| ("-x", "--execute=", message));
    for (option, with_sign, value) in names.chain(headers).chain(route).chain(messages) {
        command.push(' ');
        if value.starts_with('-') {
            // By itself it would be taken for an option.
            command.push_str(with_sign);
        } else {
            command.push_str(option);
            command.push(' ');
        }
        shell::quote(value, &mut command)?;
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::{
        super::{PastedCommand, parse_command},
        *,
    };
    use crate::fixtures::{pair, values, with_headers};

    fn hiding<const N: usize>(variables: [(&str, &str); N]) -> Values {
        Values { hides_secrets: true, ..values(variables) }
    }

    #[test]
    fn a_copied_address_has_no_secrets() {
        for (typed, copied, is_less) in [
            ("wss://h/a?token=s3cret&b=1", "wss://h/a?token=&b=1", true),
            ("wss://h/a?token={{key}}&b=1", "wss://h/a?token={{key}}&b=1", false),
        ] {
            let hiding = hiding([("key", "s3cret")]);
            let (address, is_copied_less) = copied_address(typed, &hiding, false).unwrap();
            assert_eq!((address.as_str(), is_copied_less), (copied, is_less));
            let whole = values([("key", "s3cret")]);
            let (address, is_less) = copied_address(typed, &whole, false).unwrap();
            assert_eq!((address.as_str(), is_less), ("wss://h/a?token=s3cret&b=1", false));
        }
    }

    #[test]
    fn a_copied_command_has_options_and_no_secrets() {
        let options = with_headers([
            ("Origin", "https://{{host}}"),
            ("Authorization", "Bearer {{pw}}"),
            ("Cookie", "a=typed"),
            ("", ""),
        ]);
        let proxy = "http://me:s3cret@p:{{port}}".to_owned();
        let options = RelayOptions { proxy, ..options };
        let variables = [("host", "example.org"), ("pw", "s3cret"), ("port", "1")];
        let hiding = hiding(variables);
        let (copied, is_less) = copied_options(&options, &hiding).unwrap();
        assert_eq!(copied.proxy, "http://p:1");
        let lines = |copied: &RelayOptions| {
            let lines = copied.headers.iter().map(|(name, value)| format!("{name}: {value}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(lines(&copied), "Origin: https://example.org\nAuthorization: Bearer {{pw}}");
        assert!(is_less);
        // With them, by the person's choice.
        let (copied, is_less) = copied_options(&options, &values(variables)).unwrap();
        assert_eq!(copied.proxy, "http://me:s3cret@p:1");
        assert_eq!(
            lines(&copied),
            "Origin: https://example.org\nAuthorization: Bearer s3cret\nCookie: a=typed"
        );
        assert!(!is_less);
        let copied_proxy = |proxy: &str| {
            let options = RelayOptions { proxy: proxy.to_owned(), ..RelayOptions::default() };
            copied_options(&options, &hiding).map(|(copied, is_less)| (copied.proxy, is_less))
        };
        let kept = Ok(("http://me:{{pw}}@p:1".to_owned(), false));
        assert_eq!(copied_proxy("http://me:{{pw}}@p:{{port}}"), kept);
        assert!(copied_proxy("http://{{nobody}}").is_err());
        let authorities = "PEM".to_owned();
        let options = RelayOptions { authorities, ..RelayOptions::default() };
        assert!(copied_options(&options, &hiding).unwrap().1);
        for (offers, expected) in [
            ("permessage-deflate; server_no_context_takeover", false),
            ("permessage-deflate, permessage-deflate; client_max_window_bits", true),
        ] {
            let options = RelayOptions { offers: offers.into(), ..RelayOptions::default() };
            assert_eq!(copied_options(&options, &hiding).unwrap().1, expected, "{offers}");
        }
    }

    #[test]
    fn only_placeholders_of_secrets_are_variables_of_a_copied_command() {
        let values = values([("api_key", "s3cret"), ("room", "{{api_key}}")]);
        // As a stranger's command is pasted.
        let pasted = parse_command(
            "curl -x 'http://{{a}}:{{b}}@{{api_key}}.test' -H 'X-Id: {{api_key}}' -H 'Origin: {{api_key}}' \
             'ws://{{c}}:{{d}}@h/{{api_key}}?{{api_key}}'",
        );
        let PastedCommand { address, mut relay, .. } = pasted.unwrap();
        relay.mark("X-Id", false);
        relay.headers.extend([pair("Accept", "{{room}}"), pair("Origin-Key", "{{api_key}}")]);
        for hides_secrets in [true, false] {
            let values = Values { hides_secrets, ..values.clone() };
            let address = Address::fill(&address, || values.clone(), false).unwrap();
            let (copied, _) = copied_options(&relay, &values).unwrap();
            let copied = to_wsbench_command(&address, &[], &copied, &[]).unwrap();
            let again = parse_command(&copied).unwrap();
            let mut texts = vec![&again.address, &again.relay.proxy, &again.relay.address];
            texts.extend(again.relay.headers.iter().map(|(_, value)| value));
            texts.retain(|text| Template::parse(text.as_str()).unwrap().has_variables());
            let expected: &[&str] = if hides_secrets { &["{{api_key}}"] } else { &[] };
            assert_eq!(texts, expected, "{copied}");
        }
        assert!(copied_options(&with_headers([("X-Bad", "{{nobody}}")]), &values).is_err());
    }

    #[test]
    fn a_subprotocol_is_copied_with_the_name_of_its_secret_variable() {
        let hiding = hiding([("api_token", "s3cret"), ("v", "2")]);
        let names =
            ["bearer.{{api_token}}", "", "v{{v}}", "bearer.s3cret-of-mine"].map(str::to_owned);
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let copied = copied_subprotocols(&names, &hiding);
        assert_eq!(copied, Ok((owned(&["bearer.{{api_token}}", "v2"]), true)));
        let whole = copied_subprotocols(&names, &Values { hides_secrets: false, ..hiding.clone() });
        assert_eq!(whole, Ok((owned(&["bearer.s3cret", "v2", "bearer.s3cret-of-mine"]), false)));
        assert!(copied_subprotocols(&["{{nobody}}".to_owned()], &hiding).is_err());
        assert_eq!(copied_subprotocols(&["***".to_owned()], &hiding), Ok((Vec::new(), true)));
    }

    #[test]
    fn formats_a_command() {
        let address = Address::parse("localhost:8080/ws?a=1", false).unwrap();
        let copied = to_wsbench_command(
            &address,
            &["chat".into(), String::new()],
            &RelayOptions {
                headers: vec![("X-Key".into(), "it's".into())],
                proxy: "http://p:3128".into(),
                address: "::1".into(),
                follows_redirects: true,
                is_uncompressed: true,
                accepts_any_certificate: true,
                ..RelayOptions::default()
            },
            &["hi".into(), "it's".into(), "-5".into(), String::new(), "a\nb".into()],
        );
        expect![[r"wsbench 'ws://localhost:8080/ws?a=1' -k --follow --compression off --subprotocol chat -H 'X-Key: it'\''s' --proxy http://p:3128 --resolve localhost:8080:::1 -x hi -x 'it'\''s' --execute=-5 -x '' -x $'a\012b'"]]
            .assert_eq(&copied.unwrap());
        let offers = "permessage-deflate; client_max_window_bits=10, permessage-deflate; x".into();
        let options = RelayOptions { offers, time_limit: 5, ..RelayOptions::default() };
        let copied = to_wsbench_command(&address, &[], &options, &[]).unwrap();
        expect![[
            r"wsbench 'ws://localhost:8080/ws?a=1' --compression client_max_window_bits=10,x --connect-timeout 5"
        ]]
        .assert_eq(&copied);
        assert_eq!(parse_command(&copied).unwrap().relay, options);
        assert_eq!(
            to_wsbench_command(&address, &[], &RelayOptions::default(), &["\0".into()]),
            Err(NotQuotable)
        );
    }

    proptest! {
        #[test]
        fn formatted_commands_parse_back(
            path in "[!-~&&[^#]]{0,12}",
            subprotocols in prop::collection::vec("[a-z0-9!$%&'*+.^_`|~-]{1,8}", 0..4),
            headers in prop::collection::vec(("X-[a-zA-Z]{1,8}", "[-='\"\\\\$:a-z]{0,9}"), 0..4),
            messages in prop::collection::vec("[-='\"\\\\$ \n\u{1}-\u{8}é]{0,9}|\\PC*", 0..4),
            ip in "|10[.]0[.]0[.][0-9]|::[0-9a-f]",
            proxy in "|http://p:[1-9]",
            follows_redirects: bool,
            is_uncompressed: bool,
        ) {
            let address = format!("wss://example.org/{path}");
            let Ok(address) = Address::parse(&address, false) else { return Ok(()) };
            prop_assume!(!messages.iter().any(|message| message.contains('\0')));
            let relay = RelayOptions {
                headers,
                address: ip,
                proxy,
                follows_redirects,
                is_uncompressed,
                ..RelayOptions::default()
            };
            let copied = to_wsbench_command(&address, &subprotocols, &relay, &messages).unwrap();
            let read = PastedCommand {
                address: address.to_string(),
                subprotocols,
                relay,
                messages,
                left_out: Vec::new(),
            };
            prop_assert_eq!(parse_command(&copied), Ok(read));
        }
    }
}
