using Kneepoint.Measurement;

namespace Kneepoint.Tests.Measurement;

public sealed class MachineDescriptionTests
{
    [Theory]
    [InlineData("processor\t: 0\nflags\t\t: fpu sse2 avx avx2 avx_vnni\n", "avx2,avx-vnni")]
    [InlineData("flags\t\t: avx2 avx512f avx512_vnni avx512_bf16 amx_int8\nprocessor\t: 1\nflags\t\t: sse2\n", "avx2,avx512,avx512-vnni,avx512-bf16,amx-int8")]
    [InlineData("processor\t: 0\nFeatures\t: fp asimd asimddp i8mm sve\n", "neon,dotprod,i8mm,sve")]
    [InlineData("flags\t\t: fpu sse2\n", "")]
    [InlineData("model name\t: without any list\n", "")]
    [InlineData("", "")]
    public void Instruction_sets_are_those_the_system_lists(string text, string expected) =>
        Assert.Equal(expected, string.Join(',', MachineDescription.FromCpuInfo(text)));

    [Fact]
    public void A_word_within_another_is_no_instruction_set() => Assert.Empty(MachineDescription.FromCpuInfo("flags\t: xavx2 avx2x\nbugs\t: avx2\n"));

    [Fact]
    public void This_machine_has_a_name_and_what_it_was_told()
    {
        var machine = MachineDescription.Current("runtime 1", 2, 4);

        Assert.NotEmpty(machine.Cpu);
        Assert.Equal(machine.Cpu.Trim(), machine.Cpu);
        Assert.Equal((Environment.ProcessorCount, "runtime 1", 2, 4), (machine.Cores, machine.Runtime, machine.Threads, machine.Batch));
        Assert.Equal(machine.InstructionSets.Distinct(), machine.InstructionSets);
    }
}
