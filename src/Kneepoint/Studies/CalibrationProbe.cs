using System.Buffers.Binary;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>What is known of a recipe's variant without a look at the evaluation samples.</summary>
/// <param name="Divergence">From the baseline on calibration samples; infinite where the variant cannot be made or run.</param>
/// <param name="FileBytes">Of its file, weights beside it included; NaN where there is no variant, like all that follows.</param>
/// <param name="PackedBytes">Of its packed file; NaN where that was not asked for.</param>
/// <param name="WeightBytes">Of its initializers; NaN where operations were not counted, like all that follows.</param>
/// <param name="Macs">Multiply–accumulates of one sample.</param>
/// <param name="BitOps">Sum of MACs × weight bits × activation bits.</param>
/// <param name="EstimatedNanoseconds">The time of a run, estimated and not measured (<see cref="CostModel.EstimateNanoseconds"/>); NaN where that was not asked for.</param>
public sealed record CalibrationProbe(Sensitivity Divergence, double FileBytes, double PackedBytes, double WeightBytes, double Macs, double BitOps, double EstimatedNanoseconds)
{
    const int Numbers = 9, FirstCost = 3;

    /// <summary>Of a variant that cannot be made or run.</summary>
    internal static readonly CalibrationProbe None = new(new Sensitivity(double.PositiveInfinity, 0, 0), double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);

    /// <summary>The figure of an objective, of latency its estimate; NaN where it is none of these.</summary>
    /// <param name="objective">As in <see cref="Objective.Names"/>.</param>
    public double FigureOf(string objective) => objective switch
    {
        "fileBytes" => FileBytes,
        "packedBytes" => PackedBytes,
        "weightBytes" => WeightBytes,
        "macs" => Macs,
        "bitOps" => BitOps,
        "latency" => EstimatedNanoseconds,
        _ => double.NaN,
    };

    internal byte[] ToBytes()
    {
        byte[] bytes = new byte[Numbers * sizeof(double)];
        double[] numbers = [Divergence.Loss, Divergence.StandardError, Divergence.Samples, FileBytes, PackedBytes, WeightBytes, Macs, BitOps, EstimatedNanoseconds];
        for (int i = 0; i < Numbers; i++) BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * sizeof(double)), numbers[i]);
        return bytes;
    }

    // Null for what no look can have given: it is looked at again.
    internal static CalibrationProbe? Of(byte[]? bytes)
    {
        if (bytes is not { Length: Numbers * sizeof(double) }) return null;
        double[] numbers = [.. Enumerable.Range(0, Numbers).Select(i => BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(i * sizeof(double))))];
        if (!(numbers[0] >= 0) || numbers[FirstCost..].Any(cost => cost < 0 || double.IsInfinity(cost))) return null;
        return new CalibrationProbe(new Sensitivity(numbers[0], numbers[1], (long)numbers[2]), numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], numbers[8]);
    }
}
