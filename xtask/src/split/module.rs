//! What taking a module apart needs to know of it.

use std::{collections::HashMap, ops::Range};

use anyhow::{Context, Result, bail};
use wasmparser::{
    ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody, GlobalType, KnownCustom,
    MemoryType, Name, Operator, Parser, Payload, TableType, TypeRef,
};

/// A WebAssembly module as rustc, wasm-bindgen and wasm-opt make them: one table of functions, filled
/// from constant places, and functions that are taken as a value nowhere else.
#[derive(Default)]
pub(super) struct Module<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) types: Vec<FuncType>,
    /// The type of each function, those that are imported first.
    pub(super) signatures: Vec<u32>,
    /// The names of those that are imported.
    pub(super) imports: Vec<&'a str>,
    pub(super) tables: Vec<TableType>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<GlobalType>,
    /// The functions that are exported, by name.
    pub(super) exports: HashMap<&'a str, u32>,
    /// The function at each place of the table that has one in the beginning.
    pub(super) slots: Vec<(u32, u32)>,
    bodies: Vec<FunctionBody<'a>>,
    calls: Vec<Vec<u32>>,
    names: HashMap<u32, String>,
}

impl<'a> Module<'a> {
    /// Reads the module that `bytes` are. Fails if it is none, or one of another kind.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self { bytes, ..Self::default() };
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload?)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<()> {
        match payload {
            Payload::TypeSection(types) => {
                self.types = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
            }
            Payload::ImportSection(imports) => {
                for it in imports.into_imports() {
                    let it = it?;
                    let TypeRef::Func(signature) = it.ty else {
                        bail!("something other than a function is imported")
                    };
                    self.signatures.push(signature);
                    self.imports.push(it.name);
                }
            }
            Payload::FunctionSection(functions) => {
                for signature in functions {
                    self.signatures.push(signature?);
                }
            }
            Payload::TableSection(tables) => {
                let types = tables.into_iter().map(|table| Ok(table?.ty));
                self.tables = types.collect::<wasmparser::Result<_>>()?;
            }
            Payload::MemorySection(memories) => {
                self.memories = memories.into_iter().collect::<Result<_, _>>()?;
            }
            Payload::GlobalSection(globals) => {
                let types = globals.into_iter().map(|global| Ok(global?.ty));
                self.globals = types.collect::<wasmparser::Result<_>>()?;
            }
            Payload::ExportSection(exports) => {
                for it in exports {
                    let it = it?;
                    if it.kind == ExternalKind::Func {
                        self.exports.insert(it.name, it.index);
                    }
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    self.take_element(element?)?;
                }
            }
            Payload::CodeSectionEntry(body) => {
                self.calls.push(calls(&body)?);
                self.bodies.push(body);
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(subsections) = section.as_known() {
                    for it in subsections {
                        let Name::Function(names) = it? else { continue };
                        for it in names {
                            let it = it?;
                            self.names.insert(it.index, without_disambiguators(it.name));
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take_element(&mut self, element: wasmparser::Element<'a>) -> Result<()> {
        let ElementKind::Active { table_index: None | Some(0), offset_expr } = element.kind else {
            bail!("functions are put elsewhere than into the first table")
        };
        let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
            bail!("a place in the table is not constant")
        };
        let ElementItems::Functions(functions) = element.items else {
            bail!("something other than functions is put into the table")
        };
        for (slot, function) in (value.cast_unsigned()..).zip(functions) {
            self.slots.push((slot, function?));
        }
        Ok(())
    }

    /// How many functions are imported: they come before those that are defined.
    pub(super) fn imported(&self) -> u32 {
        u32::try_from(self.imports.len()).expect("a module has fewer functions")
    }

    /// The functions that are defined here.
    pub(super) fn defined(&self) -> Range<u32> {
        let defined = u32::try_from(self.bodies.len()).expect("a module has fewer functions");
        self.imported()..self.imported() + defined
    }

    /// The code of a defined function.
    pub(super) fn body(&self, function: u32) -> &FunctionBody<'a> {
        &self.bodies[self.place(function)]
    }

    /// What a function calls by name; nothing if it is imported.
    pub(super) fn calls(&self, function: u32) -> &[u32] {
        if function < self.imported() { &[] } else { &self.calls[self.place(function)] }
    }

    fn place(&self, function: u32) -> usize {
        (function - self.imported()) as usize
    }

    /// What a function was called in its source, if that is known, such as
    /// `<core::fmt::Formatter>::pad`. The same for each build of the same source.
    pub(super) fn name(&self, function: u32) -> Option<&str> {
        self.names.get(&function).map(String::as_str)
    }

    /// The function that is exported as `name`.
    pub(super) fn exported(&self, name: &str) -> Result<u32> {
        self.exports.get(name).copied().with_context(|| format!("no function {name} is exported"))
    }

    pub(super) fn signature(&self, function: u32) -> u32 {
        self.signatures[function as usize]
    }

    /// How many values a function takes.
    pub(super) fn parameters(&self, function: u32) -> u32 {
        let parameters = self.types[self.signature(function) as usize].params().len();
        u32::try_from(parameters).expect("a function has at most 1,000 parameters")
    }
}

fn calls(body: &FunctionBody<'_>) -> Result<Vec<u32>> {
    let mut calls = Vec::new();
    let mut code = body.get_operators_reader()?;
    while !code.eof() {
        match code.read()? {
            Operator::Call { function_index } => calls.push(function_index),
            // None of them could be told from the number alone once the functions are in two modules.
            Operator::ReturnCall { .. }
            | Operator::RefFunc { .. }
            | Operator::MemoryInit { .. }
            | Operator::DataDrop { .. }
            | Operator::TableInit { .. }
            | Operator::ElemDrop { .. } => {
                bail!("the code uses an instruction that is not known here")
            }
            _ => {}
        }
    }
    Ok(calls)
}

/// Takes out what tells versions and builds of a crate apart, as in `core[5930c85a12de8225]`.
fn without_disambiguators(name: &str) -> String {
    const LEN: usize = "5930c85a12de8225]".len();
    let mut pieces = name.split('[');
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_at_checked(LEN) {
            Some((hash, after)) if hash.ends_with(']') => plain.push_str(after),
            _ => plain.extend(["[", piece]),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_tell_builds_apart() {
        let name = "<alloc[0011223344556677]::vec::Vec<[u8; 4]> as core[5930c85a12de8225]::clone::Clone>::clone";
        let plain = "<alloc::vec::Vec<[u8; 4]> as core::clone::Clone>::clone";
        assert_eq!(without_disambiguators(name), plain);
        assert_eq!(without_disambiguators("__wbindgen_malloc"), "__wbindgen_malloc");
    }
}
