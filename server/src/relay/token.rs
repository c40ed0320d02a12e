//! Token: proof that a page was sent by this start of the server. Never in the log.

use relay::TOKEN_LEN;
use session::hexadecimal;
use subtle::ConstantTimeEq;

/// Token of 128 bits.
pub(super) struct Token([u8; TOKEN_LEN]);

impl Token {
    /// New token from the system's source of randomness.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut token = [0; TOKEN_LEN];
        getrandom::fill(&mut token)?;
        Ok(Self(token))
    }

    /// True if `given` is this token. Takes the same time for any other.
    pub(super) fn is(&self, given: &[u8; TOKEN_LEN]) -> bool {
        self.0.ct_eq(given).into()
    }

    /// Token in hexadecimal digits.
    pub(super) fn text(&self) -> String {
        hexadecimal(&self.0, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_is_another_and_only_itself() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert!(one.is(&one.0) && !one.is(&other.0));
        let mut close = one.0;
        close[TOKEN_LEN - 1] ^= 1;
        assert!(!one.is(&close));
        assert_eq!(Token([0x0f; TOKEN_LEN]).text(), "0f".repeat(TOKEN_LEN));
    }
}
