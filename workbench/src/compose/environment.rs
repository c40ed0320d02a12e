//! Custom variables in named environments, of which at most one is active.

use super::{
    named::{ItemError, ItemKind, Named, NamedList, check_name},
    variable::{MAX_VARIABLES, VariableError, wrong_variables},
};

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
    ) -> Result<Self, ItemError> {
        let name = name.into();
        check_name(&name)?;
        // First: rows are compared with each other.
        if variables.iter().filter(|(name, _)| !name.is_empty()).count() > MAX_VARIABLES {
            return Err(ItemError::TooManyVariables);
        }
        let mut wrong = (0..).zip(wrong_variables(&variables));
        let is_fatal = VariableError::is_fatal;
        if let Some((row, error)) = wrong.find_map(|(row, it)| Some((row, it.filter(is_fatal)?))) {
            return Err(ItemError::Variable { row, error });
        }
        variables.retain(|(name, _)| !name.is_empty());
        Ok(Self { name, variables })
    }

    /// Creates an environment from the valid rows of a form: an invalid one, also one with the name of a built-in
    /// variable, is left out.
    ///
    /// # Errors
    ///
    /// The error of the name, or too many variables.
    pub fn of_valid(name: impl Into<String>, rows: &[(String, String)]) -> Result<Self, ItemError> {
        let rows = rows.iter().zip(wrong_variables(rows));
        let valid = rows.filter(|(_, error)| error.is_none());
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
}

impl Named for Environment {
    const KIND: ItemKind = ItemKind::Environment;

    fn name(&self) -> &str {
        &self.name
    }

    fn bytes(&self) -> usize {
        self.variables.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

/// Environments in display order, with unique names, and the active one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environments {
    /// Environments, in the order of the choice.
    list: NamedList<Environment>,
    /// Name of the active environment.
    active: Option<String>,
}

/// Removed environment, for undo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedEnvironment {
    environment: Environment,
    /// Its index before it was removed.
    at: usize,
    /// True if it was the active one.
    was_active: bool,
}

impl Environments {
    /// All environments.
    #[must_use]
    pub fn list(&self) -> &[Environment] {
        self.list.items()
    }

    /// Active environment.
    #[must_use]
    pub fn active(&self) -> Option<&Environment> {
        self.list.get(self.active.as_deref()?)
    }

    /// Active variables, for [`Values`](super::Values).
    #[must_use]
    pub fn variables(&self) -> &[(String, String)] {
        self.active().map_or(&[], Environment::variables)
    }

    /// Activates the environment of this name, or none if unknown.
    pub fn activate(&mut self, name: Option<&str>) {
        self.active = name.and_then(|name| self.list.get(name)).map(|it| it.name.clone());
    }

    /// Activates the environment that is active in `before`, an earlier state of this list: by its name,
    /// or, if it was renamed, by its index and its variables.
    pub fn activate_as(&mut self, before: &Self) {
        let found = before.active().and_then(|active| {
            let is_as_long = self.list().len() == before.list().len();
            let is_renamed = |it: &&Environment| {
                is_as_long
                    && it.variables == active.variables
                    && before.list.get(&it.name).is_none()
            };
            let renamed = || self.list().get(before.list.find(&active.name).ok()?);
            self.list.get(&active.name).or_else(|| renamed().filter(is_renamed))
        });
        self.active = found.map(|it| it.name.clone());
    }

    /// Appends an environment.
    ///
    /// # Errors
    /// If the name is taken, or a limit is reached.
    pub fn add(&mut self, environment: Environment) -> Result<(), ItemError> {
        self.list.insert(usize::MAX, environment)
    }

    /// Replaces the environment `name`, which stays active if it was.
    ///
    /// # Errors
    /// If `name` is unknown, the new name is taken, or a limit is reached. Nothing changes then.
    pub fn replace(&mut self, name: &str, environment: Environment) -> Result<(), ItemError> {
        let new = environment.name.clone();
        self.list.replace(name, environment)?;
        if let Some(active) = self.active.as_mut().filter(|it| *it == name) {
            *active = new;
        }
        Ok(())
    }

    /// Removes the environment of this name. If it was active, none is.
    pub fn remove(&mut self, name: &str) -> Option<RemovedEnvironment> {
        let (at, environment) = self.list.remove(name)?;
        let was_active = self.active.take_if(|it| it == name).is_some();
        Some(RemovedEnvironment { environment, at, was_active })
    }

    /// Restores a removed environment at its index; active again if no other is.
    ///
    /// # Errors
    /// If its name is taken by now, or a limit is reached.
    pub fn restore(&mut self, removed: RemovedEnvironment) -> Result<(), ItemError> {
        let name = removed.environment.name.clone();
        self.list.insert(removed.at, removed.environment)?;
        if removed.was_active {
            self.active.get_or_insert(name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        compose::{MAX_VALUE_BYTES, MAX_VARIABLE_BYTES, NameError},
        fixtures::pairs,
    };

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
        assert_eq!(error, ItemError::Variable { row: 2, error: VariableError::Unnamed });
    }

    #[test]
    fn an_invalid_row_leaves_the_others_in_use() {
        let mixed = pairs([
            ("good", "G"),
            ("bad name", "B"),
            ("good", "a"),
            ("", "x"),
            ("now", ""),
            ("c", ""),
        ]);
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
            assert_eq!(Environment::new(name, vec![]), Err(ItemError::Name(error)));
        }
        assert!(Environment::new("가".repeat(100), vec![]).is_ok());
        let many = |count| (0..count).map(|number| (format!("v{number}"), String::new())).collect();
        assert!(Environment::new("E", many(MAX_VARIABLES)).is_ok());
        let error = Environment::new("E", many(MAX_VARIABLES + 1));
        assert_eq!(error, Err(ItemError::TooManyVariables));
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
        for number in 0..ItemKind::Environment.max() {
            environments.add(named(&number.to_string())).unwrap();
        }
        assert_eq!(environments.add(named("more")), Err(ItemError::TooMany(ItemKind::Environment)));

        let large = |name| {
            Environment::new(name, pairs([("v", &"x".repeat(MAX_VALUE_BYTES - 1))])).unwrap()
        };
        let mut environments = Environments::default();
        for number in 0..ItemKind::Environment.max_bytes() / MAX_VALUE_BYTES {
            environments.add(large(number.to_string())).unwrap();
        }
        assert_eq!(environments.add(named("more")), Err(ItemError::Full(ItemKind::Environment)));
        assert_eq!(environments.replace("0", large("other".to_owned())), Ok(()));
        let larger =
            Environment::new("0", pairs([("vv", &"x".repeat(MAX_VALUE_BYTES - 1))])).unwrap();
        assert_eq!(
            environments.replace("other", larger),
            Err(ItemError::Full(ItemKind::Environment))
        );
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
        before.add(Environment::new("c", before.list()[1].variables.clone()).unwrap()).unwrap();
        before.activate(Some("b"));
        let active = |change: fn(&mut Environments)| {
            let mut after = before.clone();
            after.activate(None);
            change(&mut after);
            after.activate_as(&before);
            after.active().map(|it| it.name().to_owned())
        };
        let renamed = |it: &mut Environments| {
            it.replace("b", Environment::new("new", it.list()[1].variables.clone()).unwrap())
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
                    prop_assert_eq!(environments.list.find(&it.name), Ok(index));
                }
            }
        }
    }
}
