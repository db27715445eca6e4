using System.Buffers.Binary;
using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Limits.OfStudy;

/// <summary>Trials with just the figures that limits are made of.</summary>
static class HandMadeTrials
{
    /// <summary>A trial that was measured.</summary>
    /// <param name="number">The trial's; 1 is the baseline.</param>
    /// <param name="packedBytes">Of the packed file; null where there is none.</param>
    /// <param name="labels">What the labels cost; null where there are none.</param>
    /// <param name="scores">One for each sample.</param>
    public static Trial Measured(int number, long? packedBytes, LabelCost? labels, params float[] scores) =>
        new(number, RecipeOf(number), new TrialOutcome.Measured(Figures(packedBytes, labels), Bytes(scores)), 1);

    /// <summary>A trial that gave no variant.</summary>
    public static Trial Rejected(int number) => new(number, RecipeOf(number), new TrialOutcome.Rejected("It does not apply."), 1);

    /// <summary>So many right decisions, then so many wrong ones.</summary>
    public static float[] Decisions(int right, int wrong) => [.. Enumerable.Repeat(1f, right), .. Enumerable.Repeat(0f, wrong)];

    static Measured Figures(long? packedBytes, LabelCost? labels) => new(new Interval(0.9, 0.8, 0.95), default, new MemoryFigures(1000, packedBytes, 900, 100, null), new ComputeFigures(1, 1, null, null), []) { Labels = labels };

    static Recipe RecipeOf(int number) => number == 1 ? Recipe.Baseline
        : new([new Step("weight-int8", [$"layer{number}"], ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal))]);

    static byte[] Bytes(float[] scores)
    {
        byte[] bytes = new byte[scores.Length * sizeof(float)];
        for (int i = 0; i < scores.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), scores[i]);
        return bytes;
    }
}
