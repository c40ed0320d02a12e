//! Circles between the files of a crate.
//!
//! An arrow goes from a file that uses a name to the file that defines it, however many `use` lie
//! between: a facade is seen through. `pub use` is no arrow, nor is a use of a module's own child
//! modules: it puts them together. Unit tests are left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use quote::ToTokens;
use syn::{Item, UseTree, Visibility};

use super::{
    paths::{Mention, mentions},
    source::Source,
};

/// Imports that are followed for one name; more are a circle of imports, which rustc refuses.
const MOST_IMPORTS: usize = 16;

/// Reports each group of files that reach one another. Each library and each program of a package
/// is a graph of its own, from `lib.rs` or `main.rs`.
pub(super) fn between_files(sources: &[Source]) -> Vec<String> {
    let files: BTreeMap<_, _> = sources.iter().map(|source| (&*source.path, source)).collect();
    let roots = sources.iter().filter(|source| matches!(source.stem(), "lib" | "main"));
    roots.flat_map(|root| Crate::read(root, &files).arrows().circles()).collect()
}

/// Index of a module in its crate.
type ModuleId = usize;

/// Module: a file, or `mod name { … }` in one.
struct Module<'a> {
    /// File with the module's items, from the root folder.
    file: &'a Path,
    /// Module for `super`; `None` for the root.
    parent: Option<ModuleId>,
    /// Meanings by name: a module and a function may share one, and so may a macro.
    names: BTreeMap<String, Vec<Name>>,
    /// Modules whose names are all imported.
    globs: Vec<Vec<String>>,
    /// Paths imported for this module alone.
    imports: Vec<Vec<String>>,
    /// Paths in the module's items, also in the bodies of macros.
    mentions: Vec<Mention>,
}

/// Meaning of a name in a module.
enum Name {
    /// Child module.
    Module(ModuleId),
    /// Item of the module's own file.
    Item,
    /// Name of a `use`, with the path that it stands for.
    Import(Vec<String>),
}

/// End of a path.
#[derive(Clone, Copy)]
enum Target<'a> {
    /// Module that the path leads to, as `crate::a` does.
    Module(ModuleId),
    /// Item, by the file that defines it.
    Item(&'a Path),
}

/// Modules of a library or a program. The first is its root.
struct Crate<'a> {
    modules: Vec<Module<'a>>,
}

impl<'a> Crate<'a> {
    /// Reads the modules below `root` in `files`, all sources by path.
    fn read(root: &'a Source, files: &BTreeMap<&Path, &'a Source>) -> Self {
        let mut read = Self { modules: Vec::new() };
        read.add_file(root, None, files);
        read
    }

    /// Adds the module of a file, its child modules included.
    fn add_file(
        &mut self,
        source: &'a Source,
        parent: Option<ModuleId>,
        files: &BTreeMap<&Path, &'a Source>,
    ) -> ModuleId {
        let folder = children(&source.path);
        self.add_module(&source.path, &source.syntax.items, parent, &folder, files)
    }

    /// Adds a module with its items; `folder` has the files of its child modules.
    fn add_module(
        &mut self,
        file: &'a Path,
        items: &[Item],
        parent: Option<ModuleId>,
        folder: &Path,
        files: &BTreeMap<&Path, &'a Source>,
    ) -> ModuleId {
        let id = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            names: BTreeMap::new(),
            globs: Vec::new(),
            imports: Vec::new(),
            mentions: Vec::new(),
        });
        for item in items.iter().filter(|item| !is_test(item)) {
            match item {
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    let child = match &child.content {
                        Some((_, items)) => {
                            Some(self.add_module(file, items, Some(id), &folder.join(&name), files))
                        }
                        None => find(folder, &name, files)
                            .map(|source| self.add_file(source, Some(id), files)),
                    };
                    if let Some(child) = child {
                        self.modules[id].define(name, Name::Module(child));
                    }
                }
                Item::Use(import) => {
                    let is_private = matches!(import.vis, Visibility::Inherited);
                    self.modules[id].import(&import.tree, &mut Vec::new(), is_private);
                }
                item => {
                    let module = &mut self.modules[id];
                    for name in names(item) {
                        module.define(name, Name::Item);
                    }
                    module.mentions.extend(mentions(item.to_token_stream()));
                }
            }
        }
        id
    }

    /// Arrows from the paths that each module uses, but for names of its own file and of its child
    /// modules.
    fn arrows(&self) -> Arrows<'a> {
        let mut arrows = Arrows::default();
        for (id, module) in self.modules.iter().enumerate() {
            let used = module.mentions.iter().filter(|it| may_be_item(it)).map(|it| &it.segments);
            for path in module.imports.iter().chain(used) {
                if let Some(Target::Item(file)) = self.resolve(id, path, 0)
                    && file != module.file
                    && !file.starts_with(children(module.file))
                {
                    arrows.add(module.file, file, path.last().map_or("", |name| name));
                }
            }
        }
        arrows
    }

    /// Follows `path` from a module; `None` if it leads out of the crate. `imports` counts the
    /// imports followed so far, up to [`MOST_IMPORTS`].
    fn resolve(&self, from: ModuleId, path: &[String], imports: usize) -> Option<Target<'a>> {
        let (first, mut rest) = path.split_first()?;
        let mut target = match first.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(from),
            "super" => Target::Module(self.modules[from].parent?),
            name => self.look_up(from, name, rest.is_empty(), imports)?,
        };
        while let (Target::Module(id), Some((name, after))) = (target, rest.split_first()) {
            target = match name.as_str() {
                "super" => Target::Module(self.modules[id].parent?),
                "*" => return Some(target),
                // A macro may have defined a name that is not seen here.
                name => self
                    .look_up(id, name, after.is_empty(), imports)
                    .unwrap_or(Target::Item(self.modules[id].file)),
            };
            rest = after;
        }
        Some(target)
    }

    /// Finds a name in a module. The last name of a path is an item rather than a module. Names
    /// that no item has are looked for in the globs.
    fn look_up(
        &self,
        id: ModuleId,
        name: &str,
        is_last: bool,
        imports: usize,
    ) -> Option<Target<'a>> {
        if imports > MOST_IMPORTS {
            return None;
        }
        let module = &self.modules[id];
        let mut modules = Vec::new();
        let mut items = Vec::new();
        for meaning in module.names.get(name).into_iter().flatten() {
            let target = match meaning {
                Name::Module(child) => Some(Target::Module(*child)),
                Name::Item => Some(Target::Item(module.file)),
                // An import of a name is no meaning of its own first segment.
                Name::Import(path) if path.len() == 1 => None,
                Name::Import(path) => self.resolve(id, path, imports + 1),
            };
            match target {
                Some(Target::Module(_)) => modules.extend(target),
                Some(Target::Item(_)) => items.extend(target),
                None => {}
            }
        }
        let (first, second) = if is_last { (items, modules) } else { (modules, items) };
        first.into_iter().chain(second).next().or_else(|| {
            module.globs.iter().find_map(|glob| match self.resolve(id, glob, imports + 1)? {
                Target::Module(of) if of != id => self.look_up(of, name, is_last, imports + 1),
                _ => None,
            })
        })
    }
}

impl Module<'_> {
    /// Adds a meaning beside earlier ones of the name.
    fn define(&mut self, name: String, meaning: Name) {
        self.names.entry(name).or_default().push(meaning);
    }

    /// Adds the names of a `use`, whose path begins with `path`.
    fn import(&mut self, tree: &UseTree, path: &mut Vec<String>, is_private: bool) {
        match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.import(&tree.tree, path, is_private);
                path.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path, is_private);
                }
            }
            UseTree::Glob(_) => self.globs.push(path.clone()),
            UseTree::Name(name) => self.import_name(path, &name.ident, &name.ident, is_private),
            UseTree::Rename(name) => self.import_name(path, &name.ident, &name.rename, is_private),
        }
    }

    /// Adds one imported name. `self` in a group stands for the last segment of `path`, and a
    /// private import is one more use of the path by this module.
    fn import_name(
        &mut self,
        path: &[String],
        name: &syn::Ident,
        rename: &syn::Ident,
        is_private: bool,
    ) {
        let mut path = path.to_vec();
        let mut rename = rename.to_string();
        if name != "self" {
            path.push(name.to_string());
        } else if rename == "self" {
            rename = path.last().cloned().unwrap_or_default();
        }
        if is_private {
            self.imports.push(path.clone());
        }
        self.define(rename, Name::Import(path));
    }
}

/// True for an item under `#[cfg(test)]`, of the kinds that such an attribute stands on here:
/// modules, imports, functions and `impl` blocks.
fn is_test(item: &Item) -> bool {
    let attributes = match item {
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.to_token_stream().to_string().replace(' ', "").starts_with("#[cfg(test")
    })
}

/// Names that an item defines. Empty for an `impl` block, which names nothing new, and for blocks of `extern`, which
/// are nowhere here.
fn names(item: &Item) -> Vec<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => return item.ident.iter().map(ToString::to_string).collect(),
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return Vec::new(),
    };
    vec![ident.to_string()]
}

/// File of `mod name;`: `name.rs`, or `name/mod.rs`.
fn find<'a>(folder: &Path, name: &str, files: &BTreeMap<&Path, &'a Source>) -> Option<&'a Source> {
    let places: [PathBuf; 2] =
        [folder.join(name).with_extension("rs"), folder.join(name).join("mod.rs")];
    places.iter().find_map(|place| files.get(&**place).copied())
}

/// Folder with the files of a module's child modules: the file's own folder for `lib.rs`, `main.rs`
/// and `mod.rs`.
fn children(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new(""));
    match file.file_stem() {
        Some(stem) if !["lib", "main", "mod"].iter().any(|top| stem == *top) => folder.join(stem),
        _ => folder.to_owned(),
    }
}

/// `false` for a single word that is more likely a variable or a field than an imported name.
fn may_be_item(mention: &Mention) -> bool {
    let [name] = &mention.segments[..] else { return true };
    let is_type = name.starts_with(char::is_uppercase);
    !mention.is_member && (is_type || mention.is_called())
}

/// Arrows between files, each with a name that it is for.
#[derive(Default)]
struct Arrows<'a>(BTreeMap<&'a Path, BTreeMap<&'a Path, String>>);

impl<'a> Arrows<'a> {
    /// Keeps the first name of an arrow: one suffices to find it.
    fn add(&mut self, from: &'a Path, to: &'a Path, name: &str) {
        self.0.entry(from).or_default().entry(to).or_insert_with(|| name.to_owned());
    }

    /// Files that `file` uses, each with a name.
    fn from(&self, file: &Path) -> impl Iterator<Item = (&'a Path, &str)> {
        self.0.get(file).into_iter().flatten().map(|(to, name)| (*to, name.as_str()))
    }

    /// Describes each group of files that reach one another. A file is in one group at most.
    fn circles(&self) -> Vec<String> {
        let ends: BTreeMap<_, _> = self.0.keys().map(|from| (*from, self.ends(from))).collect();
        let reaches = |from: &Path, to: &Path| ends.get(from).is_some_and(|ends| ends.contains(to));
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for from in self.0.keys().copied() {
            if reaches(from, from) && !seen.contains(from) {
                let group: Vec<_> =
                    ends[from].iter().copied().filter(|to| reaches(to, from)).collect();
                seen.extend(group.iter().copied());
                circles.push(self.describe(&group));
            }
        }
        circles
    }

    /// Files that can be reached from one. The file itself is among them only in a circle.
    fn ends(&self, from: &Path) -> BTreeSet<&'a Path> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<_> = self.from(from).map(|(to, _)| to).collect();
        while let Some(file) = next.pop() {
            if reached.insert(file) {
                next.extend(self.from(file).map(|(to, _)| to));
            }
        }
        reached
    }

    /// Names the files of a circle, and the arrows between them.
    fn describe(&self, group: &[&Path]) -> String {
        let files: Vec<_> = group.iter().map(|file| file.display().to_string()).collect();
        let arrows = group.iter().flat_map(|from| {
            let inside = self.from(from).filter(|(to, _)| group.contains(to));
            inside.map(|(to, name)| format!("{} -{name}-> {}", from.display(), to.display()))
        });
        let arrows: Vec<_> = arrows.collect();
        let (count, files, arrows) = (group.len(), files.join(", "), arrows.join(", "));
        format!("{count} files form a circle: {files}. Their arrows: {arrows}")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::source::made_up, *};

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        between_files(&made_up(files))
    }

    /// The number of files in each circle.
    fn sizes(files: &[(&str, &str)]) -> Vec<String> {
        circles(files).iter().map(|it| it.split(' ').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn two_files_that_use_each_other_are_a_circle() {
        let files = [
            ("x/src/lib.rs", "mod a; mod b;"),
            ("x/src/a.rs", "use crate::b::B; pub struct A(B);"),
            ("x/src/b.rs", "pub struct B; fn b() { crate::a::A; }"),
        ];
        assert_eq!(
            circles(&files),
            ["2 files form a circle: x/src/a.rs, x/src/b.rs. \
              Their arrows: x/src/a.rs -B-> x/src/b.rs, x/src/b.rs -A-> x/src/a.rs"]
        );
    }

    #[test]
    fn a_chain_is_none() {
        let files = [
            ("x/src/lib.rs", "mod a; mod b; mod c; use a::A;"),
            ("x/src/a.rs", "use crate::{b::B, c::C}; pub struct A(B, C);"),
            ("x/src/b.rs", "use super::c::C; pub struct B(C);"),
            ("x/src/c.rs", "pub struct C;"),
        ];
        assert_eq!(circles(&files), [""; 0]);
    }

    #[test]
    fn a_circle_of_three_is_one() {
        let files = [
            ("x/src/main.rs", "mod a; mod b; mod c;"),
            ("x/src/a.rs", "fn a() { crate::b::b() }"),
            ("x/src/b.rs", "use super::c; pub fn b() { c::c() }"),
            ("x/src/c.rs", "use crate::a::*; pub fn c() { a() }"),
        ];
        assert_eq!(sizes(&files), ["3"]);
    }

    #[test]
    fn a_facade_is_seen_through() {
        let files = [
            ("x/src/lib.rs", "mod f; mod user;"),
            ("x/src/f/mod.rs", "mod a; mod b; pub(crate) use self::a::A; pub use b::B;"),
            ("x/src/f/a.rs", "use super::B; pub struct A(B);"),
            ("x/src/f/b.rs", "pub struct B;"),
            ("x/src/user.rs", "use crate::f::{A, B}; struct User(A, B);"),
        ];
        assert_eq!(circles(&files), [""; 0]);
        let mut circular = files;
        circular[3].1 = "use crate::f::A; pub struct B; fn b(_: A) {}";
        assert_eq!(sizes(&circular), ["2"]);
    }

    #[test]
    fn a_module_may_use_its_children_and_they_may_use_it() {
        let files = [
            ("x/src/lib.rs", "mod f; pub struct X; fn x() { f::f() }"),
            ("x/src/f/mod.rs", "mod a; pub struct F; pub fn f() { a::a() }"),
            ("x/src/f/a.rs", "use super::F; pub fn a(_: F, _: crate::X) {}"),
        ];
        assert_eq!(circles(&files), [""; 0]);
    }

    #[test]
    fn a_circle_through_another_folder_is_seen() {
        let files = [
            ("x/src/lib.rs", "mod f; mod g;"),
            ("x/src/f/mod.rs", "mod a; pub struct F(crate::g::G);"),
            ("x/src/f/a.rs", "pub fn a() {}"),
            ("x/src/g/mod.rs", "mod b; pub struct G; pub use b::B;"),
            ("x/src/g/b.rs", "use super::G; pub struct B(G, crate::f::F);"),
        ];
        assert_eq!(circles(&files), [""; 0]);
        let mut circular = files;
        circular[3].1 = "mod b; pub struct G(crate::f::F);";
        assert_eq!(sizes(&circular), ["2"]);
    }

    #[test]
    fn paths_in_macros_count() {
        let files = [
            ("x/src/lib.rs", "mod a; mod b;"),
            ("x/src/a.rs", "fn a() { view! { <div>{crate::b::b()}</div> } }"),
            ("x/src/b.rs", "use crate::a; pub fn b() { a::a() }"),
        ];
        assert_eq!(sizes(&files), ["2"]);
    }

    #[test]
    fn names_that_are_renamed_and_nested_are_followed() {
        let files = [
            ("x/src/lib.rs", "mod f; mod g;"),
            ("x/src/f.rs", "pub mod inner { pub use crate::g::G as Renamed; } pub struct F;"),
            ("x/src/g.rs", "use crate::f::F; pub struct G(F);"),
        ];
        assert_eq!(circles(&files), [""; 0]);
        let mut circular = files;
        circular[1].1 = "mod inner { pub use crate::g::G as R; } use inner::R; pub struct F(R);";
        assert_eq!(sizes(&circular), ["2"]);
    }

    #[test]
    fn variables_fields_and_unit_tests_are_no_arrows() {
        let files = [
            ("x/src/lib.rs", "mod a; mod b; fn f(a: u8) { g.b; let b = a; }"),
            ("x/src/a.rs", "#[cfg(test)] mod tests { use crate::b::B; }\npub struct A;"),
            ("x/src/b.rs", "use crate::{a::A, f}; pub struct B(A); fn b() { f(0) }"),
        ];
        assert_eq!(circles(&files), [""; 0]);
    }
}
