//! Custom variables in named environments, of which at most one is active.

use std::collections::HashSet;

use thiserror::Error;

use super::{
    name::{NameError, check_name},
    template::{BUILT_IN, MAX_VARIABLE_BYTES, is_name},
};

/// Maximum number of environments.
pub const MAX_ENVIRONMENTS: usize = 50;

/// Maximum number of variables in an environment.
pub const MAX_VARIABLES: usize = 200;

/// Maximum size of a value in bytes: a long token or a certificate.
pub const MAX_VALUE_BYTES: usize = 64 << 10;

/// Maximum total size of names and values in bytes: browsers store about five million characters
/// per page.
pub const MAX_ENVIRONMENTS_BYTES: usize = 512 << 10;

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
    fn is_fatal(&self) -> bool {
        !matches!(self, Self::BuiltIn(_))
    }
}

/// Invalid environment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EnvironmentError {
    /// Invalid name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Duplicate name.
    #[error("Environment {0} already exists. Choose another name.")]
    Twice(String),
    /// Invalid variable.
    #[error("Variable {}: {error}", row + 1)]
    Variable {
        /// Row, counted from 0.
        row: usize,
        /// Error of the variable.
        error: VariableError,
    },
    /// More than [`MAX_VARIABLES`].
    #[error("An environment has at most {MAX_VARIABLES} variables. Remove some.")]
    TooManyVariables,
    /// More than [`MAX_ENVIRONMENTS`].
    #[error("The limit of {MAX_ENVIRONMENTS} environments is reached. Delete one.")]
    TooMany,
    /// More than [`MAX_ENVIRONMENTS_BYTES`].
    #[error("Environments hold at most {} KiB in total. Remove large values.", MAX_ENVIRONMENTS_BYTES >> 10)]
    Full,
    /// Unknown environment.
    #[error("There is no environment {0}.")]
    Missing(String),
}

/// Validates the rows of a form, one result per row; empty rows are skipped.
#[must_use]
pub fn wrong_variables(rows: &[(String, String)]) -> Vec<Option<VariableError>> {
    let mut seen = HashSet::new();
    let wrong = |(name, value): &(String, String)| {
        if name.is_empty() {
            (!value.is_empty()).then_some(VariableError::Unnamed)
        } else if !is_name(name) {
            Some(VariableError::NotAName)
        } else if BUILT_IN.contains(&name.as_str()) {
            Some(VariableError::BuiltIn(name.clone()))
        } else if !seen.insert(name.clone()) {
            Some(VariableError::Twice(name.clone()))
        } else {
            (value.len() > MAX_VALUE_BYTES).then_some(VariableError::TooLong)
        }
    };
    rows.iter().map(wrong).collect()
}

/// Named set of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Name, unique among the environments.
    name: String,
    /// Names and values, in the order of the form.
    variables: Vec<(String, String)>,
}

impl Environment {
    /// Creates an environment from the rows of a form; empty rows are skipped. The name of a built-in
    /// variable is kept, though that one is used: stored environments may be older than it.
    ///
    /// # Errors
    /// The first error of the name or a row.
    pub fn new(
        name: impl Into<String>,
        mut variables: Vec<(String, String)>,
    ) -> Result<Self, EnvironmentError> {
        let name = name.into();
        check_name(&name)?;
        let mut wrong = (0..).zip(wrong_variables(&variables));
        let is_fatal = VariableError::is_fatal;
        if let Some((row, error)) = wrong.find_map(|(row, it)| Some((row, it.filter(is_fatal)?))) {
            return Err(EnvironmentError::Variable { row, error });
        }
        variables.retain(|(name, _)| !name.is_empty());
        if variables.len() > MAX_VARIABLES {
            return Err(EnvironmentError::TooManyVariables);
        }
        Ok(Self { name, variables })
    }

    /// Creates an environment from the valid rows of a form, as [`new`](Self::new) does: an invalid one is left out.
    ///
    /// # Errors
    ///
    /// The error of the name, or too many variables.
    pub fn of_valid(
        name: impl Into<String>,
        rows: &[(String, String)],
    ) -> Result<Self, EnvironmentError> {
        let rows = rows.iter().zip(wrong_variables(rows));
        let valid = rows.filter(|(_, error)| !error.as_ref().is_some_and(VariableError::is_fatal));
        Self::new(name, valid.map(|(row, _)| row.clone()).collect())
    }

    /// Name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names and values, in display order.
    #[must_use]
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// Bytes of names and values, for the bound on all environments.
    fn bytes(&self) -> usize {
        self.variables.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

/// Environments in display order, with unique names, and the active one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environments {
    /// Environments, in the order of the choice.
    list: Vec<Environment>,
    /// Index of the active environment.
    active: Option<usize>,
}

/// Removed environment, for undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedEnvironment {
    environment: Environment,
    /// Its place before it was removed.
    at: usize,
    /// True if it was the active one.
    was_active: bool,
}

impl Environments {
    /// All environments.
    #[must_use]
    pub fn list(&self) -> &[Environment] {
        &self.list
    }

    /// Active environment.
    #[must_use]
    pub fn active(&self) -> Option<&Environment> {
        self.list.get(self.active?)
    }

    /// Active variables, for [`Values`](super::Values).
    #[must_use]
    pub fn variables(&self) -> &[(String, String)] {
        self.active().map_or(&[], Environment::variables)
    }

    /// Activates the environment of this name, or none if unknown.
    pub fn activate(&mut self, name: Option<&str>) {
        self.active = name.and_then(|name| self.place(name));
    }

    /// Activates the environment that is active in `before`, an earlier state of this list: by its name,
    /// or, if it was renamed, by its place and its variables.
    pub fn activate_as(&mut self, before: &Self) {
        let is_as_long = self.list.len() == before.list.len();
        self.active = before.active().and_then(|active| {
            let is_new = |it: &Environment| before.place(&it.name).is_none();
            let is_same = |it: &Environment| it.variables == active.variables && is_new(it);
            let renamed = |at: &usize| is_as_long && self.list.get(*at).is_some_and(is_same);
            self.place(&active.name).or_else(|| before.active.filter(renamed))
        });
    }

    /// Appends an environment.
    ///
    /// # Errors
    /// If the name is taken, or a limit is reached.
    pub fn add(&mut self, environment: Environment) -> Result<(), EnvironmentError> {
        self.insert(self.list.len(), environment)
    }

    /// Replaces the environment `name`, which stays active if it was.
    ///
    /// # Errors
    /// If `name` is unknown, the new name is taken, or a limit is reached. Nothing changes then.
    pub fn replace(
        &mut self,
        name: &str,
        environment: Environment,
    ) -> Result<(), EnvironmentError> {
        let at = self.place(name).ok_or_else(|| EnvironmentError::Missing(name.to_owned()))?;
        let freed = self.list[at].bytes();
        if environment.name != name && self.place(&environment.name).is_some() {
            return Err(EnvironmentError::Twice(environment.name));
        }
        if self.bytes() - freed + environment.bytes() > MAX_ENVIRONMENTS_BYTES {
            return Err(EnvironmentError::Full);
        }
        self.list[at] = environment;
        Ok(())
    }

    /// Removes the environment of this name. If it was active, none is.
    pub fn remove(&mut self, name: &str) -> Option<RemovedEnvironment> {
        let at = self.place(name)?;
        let was_active = self.active == Some(at);
        self.active = self.active.filter(|_| !was_active).map(|it| it - usize::from(it > at));
        Some(RemovedEnvironment { environment: self.list.remove(at), at, was_active })
    }

    /// Restores a removed environment at its index; active again if no other is.
    ///
    /// # Errors
    /// If its name is taken by now, or a limit is reached.
    pub fn restore(&mut self, removed: RemovedEnvironment) -> Result<(), EnvironmentError> {
        let at = removed.at.min(self.list.len());
        self.insert(at, removed.environment)?;
        if removed.was_active && self.active.is_none() {
            self.active = Some(at);
        }
        Ok(())
    }

    /// Adds an environment, if its name is free and the bounds allow it.
    fn insert(&mut self, at: usize, environment: Environment) -> Result<(), EnvironmentError> {
        if self.place(&environment.name).is_some() {
            return Err(EnvironmentError::Twice(environment.name));
        }
        if self.list.len() >= MAX_ENVIRONMENTS {
            return Err(EnvironmentError::TooMany);
        }
        if self.bytes() + environment.bytes() > MAX_ENVIRONMENTS_BYTES {
            return Err(EnvironmentError::Full);
        }
        self.list.insert(at, environment);
        self.active = self.active.map(|it| it + usize::from(it >= at));
        Ok(())
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|it| it.name == name)
    }

    fn bytes(&self) -> usize {
        self.list.iter().map(Environment::bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::pairs;

    fn named(name: &str) -> Environment {
        Environment::new(name, pairs([("host", name)])).unwrap()
    }

    #[test]
    fn rows_are_validated_independently() {
        let long = "v".repeat(MAX_VALUE_BYTES + 1);
        let name = "n".repeat(MAX_VARIABLE_BYTES + 1);
        let rows = pairs([
            ("a.b-c_1", "한"),
            ("", ""),
            ("", "x"),
            ("é", ""),
            (&name, ""),
            ("seq", ""),
            ("a.b-c_1", ""),
            ("long", &long),
            ("Long", &long[1..]),
        ]);
        let sentences: Vec<_> = wrong_variables(&rows)
            .into_iter()
            .map(|error| error.map_or_else(String::new, |error| error.to_string()))
            .collect();
        expect![["


            Enter a name.
            A variable name has at most 64 letters, digits or _ - . characters.
            A variable name has at most 64 letters, digits or _ - . characters.
            seq is a built-in variable. Choose another name.
            Variable a.b-c_1 already exists. Choose another name.
            A value has at most 64 KiB. Shorten it.
        "]]
        .assert_eq(&sentences.join("\n"));
        let error = Environment::new("E", rows).unwrap_err();
        assert_eq!(error, EnvironmentError::Variable { row: 2, error: VariableError::Unnamed });
    }

    #[test]
    fn an_invalid_row_leaves_the_others_in_use() {
        let mixed =
            pairs([("good", "G"), ("bad name", "B"), ("good", "again"), ("", "x"), ("c", "")]);
        let environment = Environment::of_valid("E", &mixed).unwrap();
        assert_eq!(environment.variables(), pairs([("good", "G"), ("c", "")]));
    }

    #[test]
    fn empty_rows_are_skipped_and_names_validated() {
        let environment = Environment::new("E", pairs([("", ""), ("a", "")])).unwrap();
        assert_eq!(environment.variables(), pairs([("a", "")]));
        for (name, error) in [
            (" ", NameError::Empty),
            ("a ", NameError::Blanks),
            ("a\nb", NameError::Blanks),
            (&"가".repeat(101), NameError::TooLong),
        ] {
            assert_eq!(Environment::new(name, vec![]), Err(EnvironmentError::Name(error)));
        }
        assert!(Environment::new("가".repeat(100), vec![]).is_ok());
        let many = |count| (0..count).map(|number| (format!("v{number}"), String::new())).collect();
        assert!(Environment::new("E", many(MAX_VARIABLES)).is_ok());
        let error = Environment::new("E", many(MAX_VARIABLES + 1));
        assert_eq!(error, Err(EnvironmentError::TooManyVariables));
    }

    #[test]
    fn a_stored_variable_with_the_name_of_a_newer_built_in_one_is_kept() {
        let stored = pairs([("now_ms", "1"), ("host", "a")]);
        let environment = Environment::new("E", stored.clone()).unwrap();
        assert_eq!(environment.variables(), stored);
        let wrong = wrong_variables(environment.variables());
        assert_eq!(wrong, [Some(VariableError::BuiltIn("now_ms".into())), None]);
    }

    #[test]
    fn one_past_the_limit_is_refused() {
        let mut environments = Environments::default();
        for number in 0..MAX_ENVIRONMENTS {
            environments.add(named(&number.to_string())).unwrap();
        }
        assert_eq!(environments.add(named("more")), Err(EnvironmentError::TooMany));

        let large = |name| {
            Environment::new(name, pairs([("v", &"x".repeat(MAX_VALUE_BYTES - 1))])).unwrap()
        };
        let mut environments = Environments::default();
        for number in 0..MAX_ENVIRONMENTS_BYTES / MAX_VALUE_BYTES {
            environments.add(large(number.to_string())).unwrap();
        }
        assert_eq!(environments.add(named("more")), Err(EnvironmentError::Full));
        assert_eq!(environments.replace("0", large("other".to_owned())), Ok(()));
        let larger =
            Environment::new("0", pairs([("vv", &"x".repeat(MAX_VALUE_BYTES - 1))])).unwrap();
        assert_eq!(environments.replace("other", larger), Err(EnvironmentError::Full));
    }

    #[test]
    fn a_restored_environment_regains_index_and_selection() {
        let mut environments = Environments::default();
        for name in ["a", "b", "c"] {
            environments.add(named(name)).unwrap();
        }
        environments.activate(Some("b"));
        let before = environments.clone();
        let removed = environments.remove("b").unwrap();
        assert_eq!(environments.variables(), []);
        environments.restore(removed).unwrap();
        assert_eq!(environments, before);
        environments.activate(Some("none"));
        assert_eq!(environments.active(), None);
    }

    #[test]
    fn a_renamed_environment_stays_active_and_a_removed_one_does_not() {
        let mut before = Environments::default();
        for name in ["a", "b"] {
            before.add(named(name)).unwrap();
        }
        // A neighbour with the same variables is another one.
        before.add(Environment::new("c", before.list[1].variables.clone()).unwrap()).unwrap();
        before.activate(Some("b"));
        let active = |change: fn(&mut Environments)| {
            let mut after = before.clone();
            after.activate(None);
            change(&mut after);
            after.activate_as(&before);
            after.active().map(|it| it.name().to_owned())
        };
        let renamed = |it: &mut Environments| {
            it.replace("b", Environment::new("new", it.list[1].variables.clone()).unwrap())
                .unwrap();
        };
        assert_eq!(active(renamed).as_deref(), Some("new"));
        assert_eq!(active(|it| drop(it.remove("a"))).as_deref(), Some("b"));
        assert_eq!(active(|it| drop(it.remove("b"))), None);
        assert_eq!(active(|it| it.replace("b", named("other")).unwrap()), None);
    }

    proptest! {
        #[test]
        fn selection_is_stable_and_names_are_unique(
            steps in prop::collection::vec((0..5_u8, "[a-d]", "[a-d]"), 0..30)
        ) {
            let mut environments = Environments::default();
            let mut active: Option<String> = None;
            for (step, name, other) in steps {
                match step {
                    0 => drop(environments.add(named(&name))),
                    1 => {
                        environments.activate(Some(&name));
                        active = environments.list().iter().any(|it| it.name == name).then_some(name);
                    }
                    2 => {
                        if environments.remove(&name).is_some() && active.as_ref() == Some(&name) {
                            active = None;
                        }
                    }
                    3 => {
                        if environments.replace(&name, named(&other)).is_ok() && active.as_ref() == Some(&name) {
                            active = Some(other);
                        }
                    }
                    _ => {
                        let before = environments.clone();
                        if let Some(removed) = environments.remove(&name) {
                            environments.restore(removed).unwrap();
                        }
                        prop_assert_eq!(&environments, &before);
                    }
                }
                prop_assert_eq!(environments.active().map(Environment::name), active.as_deref());
                for (index, it) in environments.list().iter().enumerate() {
                    prop_assert_eq!(environments.place(&it.name), Some(index));
                }
            }
        }
    }
}
