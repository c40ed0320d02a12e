//! A module that says which of its functions have run.

use std::{convert::Infallible, ops::Range};

use anyhow::Result;
use wasm_encoder::{
    CodeSection, Instruction, MemArg, MemArgTarget, MemoryType,
    reencode::{self, Reencode},
};
use wasmparser::Parser;

use super::module::Module;

/// Bytes of a page of memory.
const PAGE: u64 = 64 << 10;

/// Has `module` mark what runs, in [`marks`].
pub(super) fn record(module: &Module<'_>) -> Result<Vec<u8>> {
    let marks = marks(module)?;
    let pages = u64::from(marks.end - marks.start).div_ceil(PAGE);
    let mut encoded = wasm_encoder::Module::new();
    Recorder { pages, next: marks.start }.parse_core_module(
        &mut encoded,
        Parser::new(0),
        module.bytes,
    )?;
    Ok(encoded.finish())
}

/// Where in memory there is a byte for each defined function, which becomes 1 when it runs: behind
/// all that `module` has in the beginning, where a program that asks for more never looks.
pub(super) fn marks(module: &Module<'_>) -> Result<Range<u32>> {
    let pages = module.memories.first().map_or(0, |memory| memory.initial);
    let start = u32::try_from(pages * PAGE)?;
    Ok(start..start + u32::try_from(module.defined().len())?)
}

struct Recorder {
    /// How much more memory there is.
    pages: u64,
    /// The mark of the function whose code comes next.
    next: u32,
}

impl Reencode for Recorder {
    type Error = Infallible;

    fn memory_type(
        &mut self,
        memory: wasmparser::MemoryType,
    ) -> Result<MemoryType, reencode::Error> {
        let mut encoded = reencode::utils::memory_type(self, memory);
        encoded.minimum += self.pages;
        Ok(encoded)
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mark = MemArg { offset: 0, align: 0, target: MemArgTarget::Memory(0), ordering: None };
        function.instruction(&Instruction::I32Const(self.next.cast_signed()));
        function.instruction(&Instruction::I32Const(1));
        function.instruction(&Instruction::I32Store8(mark));
        self.next += 1;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            function.instruction(&self.parse_instruction(&mut operators)?);
        }
        code.function(&function);
        Ok(())
    }
}
