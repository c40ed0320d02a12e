//! Close codes (RFC 6455 section 7.4).

/// Normal closure.
pub const NORMAL: u16 = 1000;
/// Going away: server shutdown, or a page that is left.
pub const AWAY: u16 = 1001;
/// Protocol error.
pub const PROTOCOL: u16 = 1002;
/// No code: stands for an empty Close frame, and must not be sent.
pub const NONE: u16 = 1005;
/// Abnormal closure: stands for an end without a Close frame, and must not be sent.
pub const ABNORMAL: u16 = 1006;
/// Invalid payload data, such as text that is not UTF-8.
pub const INVALID: u16 = 1007;
/// Policy violation.
pub const POLICY: u16 = 1008;
/// Message too big.
pub const TOO_BIG: u16 = 1009;
/// Error of the server itself (RFC 6455 section 7.4.1).
pub const INTERNAL: u16 = 1011;
/// Try again later: the server is overloaded (IANA's registry).
pub const TRY_LATER: u16 = 1013;

/// True for a code that a Close frame may contain.
///
/// Not among them: 1004 to 1006 and 1015, which must not be sent, and 1016 to 2999, which are reserved
/// for later versions (RFC 6455 sections 7.4.1 and 7.4.2; 1012 to 1014 are in IANA's registry).
#[must_use]
pub fn is_valid(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_codes_are_those_of_the_rfc_and_the_registry() {
        let valid = (0..=u16::MAX).filter(|code| is_valid(*code)).collect::<Vec<_>>();
        let expected = (1000..=1003).chain(1007..=1014).chain(3000..=4999).collect::<Vec<_>>();
        assert_eq!(valid, expected);
    }
}
