//! Takes a module apart: into the one that a page begins with, and the one with all other functions.
//!
//! No data is moved, and no function changed but in the way it calls one of the other module: through
//! the table, which both have. Where a function of the rest belongs, the first module has a *stand-in*
//! that calls [`BRING`], which must have put the rest into place when it returns, and then what has
//! replaced it. So code runs as if it were in one module, whatever was foreseen of it.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    convert::Infallible,
};

use anyhow::{Result, ensure};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, ImportSection, Instruction, TableType, TypeSection,
    reencode::{self, Reencode, RoundtripReencoder},
};
use wasmparser::{Operator, Parser, RefType};

use super::{module::Module, names::Names};

/// What the page exports to bring the rest: a function without parameters and result
/// (client/src/rest.rs).
const BRING: &str = "bring_rest";

/// What [`BRING`] gives the rest as the module that it imports from: the exports of the first.
const FIRST: &str = "first";

/// Where that is. Some of it is called by a pointer, such as what makes a static's first value.
const BRINGING: &str = "client::rest::";

/// The functions that wasm-bindgen's script calls while it passes values.
const RUNTIME: [&str; 2] = ["__wbindgen_", "__externref_"];
/// ... and the one of such a name that runs the program.
const START: &str = "__wbindgen_start";

/// Two modules that are one.
pub(super) struct Parts {
    pub(super) first: Vec<u8>,
    pub(super) rest: Vec<u8>,
}

/// Takes `module` apart. Functions are of the first part if `is_first`, if they are exported, or if
/// bringing the rest needs them. What the script and the first part have of each other gets `names`.
pub(super) fn take_apart(
    module: &Module<'_>,
    names: &Names<'_>,
    is_first: impl Fn(u32) -> bool,
) -> Result<Parts> {
    let plan = Plan::new(module, is_first)?;
    Ok(Parts { first: plan.first(names)?, rest: plan.rest()? })
}

/// Where each function goes.
struct Plan<'a> {
    module: &'a Module<'a>,
    bring: u32,
    /// The defined functions of each part, in order.
    first: Vec<u32>,
    rest: Vec<u32>,
    /// Functions of the rest that the first part or the table names, and so a stand-in is for; in the
    /// order of their places in the table.
    stand_ins: Vec<u32>,
    /// The place in the table of each function that the other part calls or the table had.
    slots: BTreeMap<u32, u32>,
    /// Functions of the first part that are new in the table, from its old end on.
    called_back: Vec<u32>,
    /// How much longer the table becomes.
    growth: u32,
}

impl<'a> Plan<'a> {
    fn new(module: &'a Module<'a>, is_first: impl Fn(u32) -> bool) -> Result<Self> {
        let bring = module.exported(BRING)?;
        let is_plain = module.types[module.signature(bring) as usize].results().is_empty();
        ensure!(is_plain && module.parameters(bring) == 0, "{BRING} has a parameter or a result");
        ensure!(
            module.tables.first().is_some_and(|table| table.element_type == RefType::FUNCREF),
            "the first table is not of functions"
        );

        let mut kept = bringing(module, bring);
        kept.extend(module.exports.values());
        kept.extend(module.defined().filter(|function| is_first(*function)));
        let is_rest = |function: u32| function >= module.imported() && !kept.contains(&function);
        let (rest, first) = module.defined().partition::<Vec<_>, _>(|function| is_rest(*function));
        let called = |by: &[u32], is_wanted: &dyn Fn(u32) -> bool| {
            let called = by.iter().flat_map(|caller| module.calls(*caller)).copied();
            called.filter(|function| is_wanted(*function)).collect::<BTreeSet<_>>()
        };
        let mut stand_ins = called(&first, &is_rest);
        stand_ins
            .extend(module.slots.iter().map(|(_, function)| *function).filter(|it| is_rest(*it)));
        let mut called_back = called(&rest, &|function| !is_rest(function));

        let mut slots = BTreeMap::new();
        for (slot, function) in &module.slots {
            slots.entry(*function).or_insert(*slot);
        }
        called_back.retain(|function| !slots.contains_key(function));
        let end = u32::try_from(module.tables[0].initial)?;
        let new = called_back.iter().chain(stand_ins.iter().filter(|it| !slots.contains_key(it)));
        let new = new.copied().zip(end..).collect::<Vec<_>>();
        let growth = u32::try_from(new.len())?;
        slots.extend(new);
        // In the order of their places: so they are written in runs, and alike, and compress.
        let mut stand_ins = stand_ins.into_iter().collect::<Vec<_>>();
        stand_ins.sort_by_key(|function| slots[function]);
        let called_back = called_back.into_iter().collect();
        Ok(Self { module, bring, first, rest, stand_ins, slots, called_back, growth })
    }

    fn first(&self, names: &Names<'_>) -> Result<Vec<u8>> {
        let mut first = First {
            plan: self,
            names,
            numbers: (0..self.module.imported())
                .chain(self.first.iter().copied())
                .chain(self.stand_ins.iter().copied())
                .zip(0..)
                .collect(),
            bodies: self.module.defined().start,
        };
        let mut encoded = wasm_encoder::Module::new();
        first.parse_core_module(&mut encoded, Parser::new(0), self.module.bytes)?;
        Ok(encoded.finish())
    }

    fn rest(&self) -> Result<Vec<u8>> {
        let mut same = RoundtripReencoder;
        let module = self.module;

        let mut types = TypeSection::new();
        for it in &module.types {
            types.ty().func_type(&same.func_type(it.clone())?);
        }
        let mut imports = ImportSection::new();
        for (number, it) in module.memories.iter().enumerate() {
            imports.import(FIRST, &memory(number), EntityType::Memory(same.memory_type(*it)?));
        }
        for (number, it) in module.tables.iter().enumerate() {
            imports.import(FIRST, &table(number), self.table_type(*it)?);
        }
        for (number, it) in module.globals.iter().enumerate() {
            imports.import(FIRST, &global(number), EntityType::Global(same.global_type(*it)?));
        }
        let mut functions = FunctionSection::new();
        for it in &self.rest {
            functions.function(module.signature(*it));
        }
        let numbers = self.rest.iter().copied().zip(0..).collect::<BTreeMap<_, _>>();
        let mut elements = ElementSection::new();
        for (from, run) in self.replacements() {
            let run = run.iter().map(|function| numbers[function]).collect::<Vec<_>>();
            elements.active(None, &offset(from), Elements::Functions(run.into()));
        }
        let mut code = CodeSection::new();
        for it in &self.rest {
            let body = module.body(*it);
            let mut function = same.new_function_with_parsed_locals(body)?;
            let mut operators = body.get_operators_reader()?;
            while !operators.eof() {
                match operators.read()? {
                    Operator::Call { function_index } => match numbers.get(&function_index) {
                        Some(number) => drop(function.instruction(&Instruction::Call(*number))),
                        None => self.call_by_table(&mut function, function_index),
                    },
                    other => drop(function.instruction(&same.instruction(other)?)),
                }
            }
            code.function(&function);
        }

        let mut encoded = wasm_encoder::Module::new();
        encoded
            .section(&types)
            .section(&imports)
            .section(&functions)
            .section(&elements)
            .section(&code);
        Ok(encoded.finish())
    }

    /// What the rest puts into the table when it comes: runs of functions, each with its first place.
    fn replacements(&self) -> Vec<(u32, Vec<u32>)> {
        let mut runs = Vec::<(u32, Vec<u32>)>::new();
        for function in &self.stand_ins {
            let slot = self.slots[function];
            match runs.last_mut() {
                Some((from, run)) if *from as usize + run.len() == slot as usize => {
                    run.push(*function);
                }
                _ => runs.push((slot, vec![*function])),
            }
        }
        runs
    }

    fn call_by_table(&self, function: &mut Function, called: u32) {
        function.instruction(&Instruction::I32Const(self.slots[&called].cast_signed()));
        let type_index = self.module.signature(called);
        function.instruction(&Instruction::CallIndirect { type_index, table_index: 0 });
    }

    fn table_type(&self, table: wasmparser::TableType) -> Result<TableType, reencode::Error> {
        let mut encoded = RoundtripReencoder.table_type(table)?;
        if table.element_type == RefType::FUNCREF {
            let growth = u64::from(self.growth);
            encoded.minimum += growth;
            encoded.maximum = encoded.maximum.map(|maximum| maximum + growth);
        }
        Ok(encoded)
    }
}

/// What must be there to bring the rest: `bring`, what is defined beside it, what passes values between
/// it and the browser, and all that these call.
fn bringing(module: &Module<'_>, bring: u32) -> HashSet<u32> {
    let is_runtime = |name: &str| RUNTIME.iter().any(|it| name.starts_with(it)) && name != START;
    let runtime = module.exports.iter().filter(|(name, _)| is_runtime(name));
    let is_beside = |it: &u32| module.name(*it).is_some_and(|name| name.starts_with(BRINGING));
    let mut called = vec![bring];
    called.extend(runtime.map(|(_, function)| *function));
    called.extend(module.defined().filter(is_beside));
    let mut all = HashSet::new();
    while let Some(function) = called.pop() {
        if all.insert(function) {
            called.extend(module.calls(function));
        }
    }
    all
}

/// Names under which the first part exports what both have.
fn memory(number: usize) -> String {
    format!("m{number}")
}
fn table(number: usize) -> String {
    format!("t{number}")
}
fn global(number: usize) -> String {
    format!("g{number}")
}

fn offset(slot: u32) -> ConstExpr {
    ConstExpr::i32_const(slot.cast_signed())
}

/// Writes the module again without what is of the rest.
struct First<'a> {
    plan: &'a Plan<'a>,
    names: &'a Names<'a>,
    /// The number in the first part of a function, or of its stand-in.
    numbers: BTreeMap<u32, u32>,
    /// The function whose code comes next.
    bodies: u32,
}

type Encoded<T = ()> = Result<T, reencode::Error>;

impl Reencode for First<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Encoded<u32> {
        Ok(self.numbers[&function])
    }

    fn table_type(&mut self, table: wasmparser::TableType) -> Encoded<TableType> {
        self.plan.table_type(table)
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Encoded {
        for it in section.into_imports() {
            let it = it?;
            imports.import(it.module, self.names.of(it.name), self.entity_type(it.ty)?);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader<'_>,
    ) -> Encoded {
        for function in self.plan.first.iter().chain(&self.plan.stand_ins) {
            functions.function(self.plan.module.signature(*function));
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: wasmparser::Export<'_>,
    ) -> Encoded {
        let name = self.names.of(export.name);
        reencode::utils::parse_export(self, exports, wasmparser::Export { name, ..export })
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Encoded {
        reencode::utils::parse_export_section(self, exports, section)?;
        let Module { memories, tables, globals, .. } = self.plan.module;
        let kinds = [
            (ExportKind::Memory, memories.len(), memory as fn(usize) -> String),
            (ExportKind::Table, tables.len(), table),
            (ExportKind::Global, globals.len(), global),
        ];
        for (kind, count, name) in kinds {
            for (number, index) in (0..count).zip(0..) {
                exports.export(&name(number), kind, index);
            }
        }
        Ok(())
    }

    fn parse_element_section(
        &mut self,
        elements: &mut ElementSection,
        section: wasmparser::ElementSectionReader<'_>,
    ) -> Encoded {
        reencode::utils::parse_element_section(self, elements, section)?;
        if let [first, ..] = self.plan.called_back[..] {
            let functions =
                self.plan.called_back.iter().map(|it| self.numbers[it]).collect::<Vec<_>>();
            let from = offset(self.plan.slots[&first]);
            elements.active(None, &from, Elements::Functions(functions.into()));
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Encoded {
        let plan = self.plan;
        if plan.first.binary_search(&self.bodies).is_ok() {
            reencode::utils::parse_function_body(self, code, body)?;
        }
        self.bodies += 1;
        if self.bodies == plan.module.defined().end {
            for function in &plan.stand_ins {
                code.function(&self.stand_in(*function));
            }
        }
        Ok(())
    }

    /// Names are not for the page, and would be of other functions.
    fn parse_custom_section(
        &mut self,
        _: &mut wasm_encoder::Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Encoded {
        Ok(())
    }
}

impl First<'_> {
    fn stand_in(&self, function: u32) -> Function {
        let mut code = Function::new([]);
        code.instruction(&Instruction::Call(self.numbers[&self.plan.bring]));
        for parameter in 0..self.plan.module.parameters(function) {
            code.instruction(&Instruction::LocalGet(parameter));
        }
        self.plan.call_by_table(&mut code, function);
        code.instruction(&Instruction::End);
        code
    }
}

#[cfg(test)]
mod tests {
    use wasmi::{Caller, Engine, Linker, Store, TypedFunc};

    use super::*;

    /// Functions that call each other in each way that there is, and share a memory, a global and a table.
    const WHOLE: &str = r#"(module
        (type $step (func (param i32) (result i32)))
        (import "script" "fetch" (func $fetch))
        (import "script" "say_0123456789abcdef" (func $say (param i32)))
        (memory (export "memory") 1)
        (table 3 3 funcref)
        (global $sum (mut i32) (i32.const 0))
        (data (i32.const 8) "\2a")
        (elem (i32.const 1) $by_table $other_by_table)
        (func (export "bring_rest") (call $fetch))
        (func $run (export "run") (param $n i32) (result i32)
            (call $add (call $by_name (local.get $n)))
            (call $add (call_indirect (type $step) (local.get $n) (i32.const 1)))
            (call $add (call_indirect (type $step) (local.get $n) (i32.const 2)))
            (global.get $sum))
        (func $add (param $n i32)
            (global.set $sum (i32.add (global.get $sum) (local.get $n)))
            (call $say (global.get $sum)))
        (func $by_name (type $step)
            (call $add (i32.load8_u (i32.const 8)))
            (call_indirect (type $step) (i32.add (local.get 0) (i32.const 1)) (i32.const 2)))
        (func $by_table (type $step)
            (call $say (local.get 0))
            (if (result i32) (local.get 0)
                (then (call $by_table (i32.sub (local.get 0) (i32.const 1))))
                (else (call $other_by_table (i32.const 5)))))
        (func $other_by_table (type $step)
            (i32.store8 (i32.const 8) (i32.add (i32.load8_u (i32.const 8)) (i32.const 1)))
            (i32.mul (local.get 0) (i32.load8_u (i32.const 8)))))"#;

    /// What a module has said, and what it fetches when it asks for the rest.
    #[derive(Default)]
    struct Host {
        said: Vec<i32>,
        rest: Option<wasmi::Module>,
        fetches: u32,
    }

    fn fetch(mut caller: Caller<'_, Host>) {
        caller.data_mut().fetches += 1;
        let Some(rest) = caller.data_mut().rest.take() else { return };
        let mut linker = Linker::new(caller.engine());
        for name in ["m0", "t0", "g0"] {
            let shared = caller.get_export(name).expect("the first part exports it");
            linker.define(FIRST, name, shared).expect("it is defined once");
        }
        linker.instantiate_and_start(&mut caller, &rest).expect("the rest fits the first part");
    }

    /// What `run` returns for a few numbers, what is said meanwhile, and how often the rest is asked for.
    fn results(first: &[u8], rest: Option<&[u8]>, say: &str) -> (Vec<i32>, Vec<i32>, u32) {
        let engine = Engine::default();
        let module = |bytes| wasmi::Module::new(&engine, bytes).expect("it is a module");
        let host = Host { rest: rest.map(module), ..Host::default() };
        let mut store = Store::new(&engine, host);
        let mut linker = Linker::new(&engine);
        linker.func_wrap("script", "fetch", fetch).expect("it is defined once");
        let says = |mut caller: Caller<'_, Host>, number: i32| caller.data_mut().said.push(number);
        linker.func_wrap("script", say, says).expect("it is defined once");
        let instance = linker.instantiate_and_start(&mut store, &module(first));
        let instance = instance.expect("the first part needs no other");
        let run: TypedFunc<i32, i32> = instance.get_typed_func(&store, "run").expect("it runs");
        let returned = [0, 3, 1].map(|number| run.call(&mut store, number).expect("it returns"));
        let Host { said, fetches, .. } = store.into_data();
        (returned.to_vec(), said, fetches)
    }

    #[test]
    fn two_parts_do_what_the_whole_does_wherever_each_function_is() {
        let bytes = wat::parse_str(WHOLE).expect("the test's module is one");
        let module = Module::read(&bytes).expect("it is of the kind that is known");
        let script = "wasm.say_0123456789abcdef";
        let names = Names::new(&module, script).expect("the script has no such names");
        assert_eq!(names.shorten(script), "wasm._0");
        let (returned, said, _) = results(&bytes, None, "say_0123456789abcdef");
        let defined = module.defined();
        for choice in 0_u32..1 << defined.len() {
            let is_first = |function: u32| choice >> (function - defined.start) & 1 == 1;
            let parts = take_apart(&module, &names, is_first).expect("it can be taken apart");
            let (first, rest) = (&parts.first, &parts.rest);
            let results = results(first, Some(rest), "_0");
            assert_eq!((&results.0, &results.1), (&returned, &said), "{choice:b}");
            // `bring_rest` and `run` are exported, and stay; the four after them need not.
            let is_whole = choice >> 2 == 0b1111;
            assert_eq!(
                results.2 == 0,
                is_whole,
                "{choice:b}: the rest is asked for if there is one"
            );
        }
    }

    #[test]
    fn a_module_that_is_not_known_through_is_refused() {
        let refused = |text: &str| {
            let bytes = wat::parse_str(text).expect("the test's module is one");
            let module = Module::read(&bytes)?;
            take_apart(&module, &Names::new(&module, "")?, |_| true).map(drop)
        };
        for (text, reason) in [
            ("(module)", "no function bring_rest is exported"),
            (
                r#"(module (func (export "bring_rest") (param i32)))"#,
                "bring_rest has a parameter or a result",
            ),
            (r#"(module (func (export "bring_rest")))"#, "the first table is not of functions"),
            (
                r#"(module (import "a" "b" (memory 1)))"#,
                "something other than a function is imported",
            ),
            (
                r"(module (table 1 funcref) (func $f (drop (ref.func $f))) (elem declare func $f))",
                "functions are put elsewhere than into the first table",
            ),
        ] {
            let error = refused(text).expect_err(text);
            assert_eq!(error.to_string(), reason, "{text}");
        }
        assert!(Module::read(b"no module").is_err());
    }
}
