using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;

namespace Kneepoint.SystemTests.Compression;

/// <summary>What integer networks do on the machine that runs the tests.</summary>
static class ThisMachine
{
    static readonly MachineDescription Machine = MachineDescription.Current("", threads: 1, batch: 1);

    /// <summary>Whether sums of two products saturate here.</summary>
    public static bool Saturates => SaturationRisk.Saturates(Machine.InstructionSets);

    /// <summary>Whether a variant may give something else here than its integers say; 7-bit weights never do.</summary>
    public static bool MaySaturate(CompressedNetwork variant) => Saturates && SaturationRisk.Of(variant.Model, Machine.InstructionSets) is not null;
}
