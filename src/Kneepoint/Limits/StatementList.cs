using System.Collections.Immutable;
using Kneepoint.Limits.Distortion;
using Kneepoint.Limits.Noise;
using Kneepoint.Limits.Size;

namespace Kneepoint.Limits;

/// <summary>All statements, in the order of their letters.</summary>
public static class StatementList
{
    /// <summary>A to Q; D comes with training. Of E and G there are two forms.</summary>
    public static ImmutableArray<Statement> All { get; } =
    [
        SizeFromOverfitting.Statement, MemorizationCount.Statement, TwoPartCode.Statement, OccamBound.Statement, ClopperPearson.Statement,
        ReverseWaterFilling.Statement, ShannonLowerBound.Statement, ShannonLowerBound.EstimatedStatement, BlahutArimoto.Statement, ScalarQuantizerGap.Statement, FixedRate.Statement,
        TensorOptima.Statement, IndexCodeLength.Statement, MismatchProbability.Statement, CertifiedMargin.Statement, SecondOrderLoss.Statement, TestResolution.Statement,
    ];

    /// <summary>The first statement of a letter.</summary>
    /// <param name="letter">A to Q.</param>
    public static Statement Of(char letter) => All.First(statement => statement.Letter == letter);
}
