//! Custom variables, as they are typed.

use thiserror::Error;

use super::template::{BUILT_IN, MAX_VARIABLE_BYTES, is_name};

/// Maximum number of variables in an environment.
pub const MAX_VARIABLES: usize = 200;

/// Maximum size of a value in bytes: a long token or a certificate.
pub const MAX_VALUE_BYTES: usize = 64 << 10;

/// Invalid variable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VariableError {
    /// Value without a name.
    #[error("Enter a name.")]
    Unnamed,
    /// Invalid character, or more than [`MAX_VARIABLE_BYTES`].
    #[error(
        "A variable name has at most {MAX_VARIABLE_BYTES} letters, digits or _ - . characters."
    )]
    NotAName,
    /// Name of a built-in variable.
    #[error("{0} is a built-in variable. Choose another name.")]
    BuiltIn(String),
    /// Duplicate name.
    #[error("Variable {0} already exists. Choose another name.")]
    Twice(String),
    /// Value longer than [`MAX_VALUE_BYTES`].
    #[error("A value has at most {} KiB. Shorten it.", MAX_VALUE_BYTES >> 10)]
    TooLong,
}

impl VariableError {
    /// False for the name of a built-in variable.
    pub(super) fn is_fatal(&self) -> bool {
        !matches!(self, Self::BuiltIn(_))
    }
}

/// Validates the rows of a form, one result per row; empty rows are skipped.
#[must_use]
pub fn wrong_variables(rows: &[(String, String)]) -> Vec<Option<VariableError>> {
    let wrong = |(row, (name, value)): (usize, &(String, String))| {
        if name.is_empty() {
            (!value.is_empty()).then_some(VariableError::Unnamed)
        } else if !is_name(name) {
            Some(VariableError::NotAName)
        } else if BUILT_IN.contains(&name.as_str()) {
            Some(VariableError::BuiltIn(name.clone()))
        } else if rows[..row].iter().any(|(other, _)| other == name) {
            Some(VariableError::Twice(name.clone()))
        } else {
            (value.len() > MAX_VALUE_BYTES).then_some(VariableError::TooLong)
        }
    };
    rows.iter().enumerate().map(wrong).collect()
}
