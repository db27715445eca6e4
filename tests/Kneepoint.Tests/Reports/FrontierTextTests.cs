using CsCheck;
using Kneepoint.Reports;

namespace Kneepoint.Tests.Reports;

public sealed class FrontierTextTests
{
    [Fact]
    public void Text_is_as_approved_under_any_culture() =>
        Approved.Matches(Approved.UnderCommaCulture(() => FrontierText.Of(SyntheticStudy.Of(24))), "Reports", "FrontierTextTests.Text");

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(200)]
    public void Lines_fit_the_terminal_and_every_frontier_variant_says_what_it_does(int width)
    {
        var document = SyntheticStudy.Of(24, layerCount: 30);

        string[] lines = FrontierText.Of(document, width).Split('\n');

        Assert.All(lines, line => Assert.InRange(TextTable.Cells(line), 0, width));
        foreach (var variant in document.Variants.Where(v => v.OnFrontier))
        {
            int at = Array.FindIndex(lines, line => line.StartsWith(variant.Id, StringComparison.Ordinal));
            string what = RecipeText.Of(variant.Recipe);
            Assert.Contains(what[..Math.Min(20, what.Length)], lines[at] + lines[at + 1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Wrapped_text_loses_no_word() => Gen.Select(Gen.String[Gen.Char["ab中 "], 0, 200], Gen.Int[1, 40]).Sample((text, width) =>
    {
        string wrapped = FrontierText.Wrap(text, width);

        Assert.Equal(text.Split(' ', StringSplitOptions.RemoveEmptyEntries), wrapped.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.All(wrapped.Split('\n'), line => Assert.True(TextTable.Cells(line) <= width || !line.Trim().Contains(' ', StringComparison.Ordinal)));
    });

    [Fact]
    public void Typical_budgets_are_answered_by_the_best_measured_variants()
    {
        var document = SyntheticStudy.Of(40);
        var good = document.Variants.Where(v => v.AccuracyChange!.Value.Value >= -0.01).ToList();

        var choices = TypicalChoice.Of(document);

        Assert.Equal(["smallest, loss ≤ 1 point", "fastest, loss ≤ 1 point", "most accurate in ≤ 445 KB"], choices.Select(choice => choice.Purpose));
        Assert.Equal(["--max-drop 0.01", "--max-drop 0.01 --minimize latency", "--max-file-bytes 445KB"], choices.Select(choice => choice.PickOptions));
        Assert.Equal(good.Min(v => v.Memory.FileBytes), choices[0].Variant.Memory.FileBytes);
        Assert.Equal(good.Min(v => v.Compute.LatencyMilliseconds!.Value.Value), choices[1].Variant.Compute.LatencyMilliseconds!.Value.Value);
        Assert.True(choices[2].Variant.Memory.FileBytes <= 445_000);
    }

    [Fact]
    public void Bug_a_study_of_operations_was_told_its_fastest_variant_and_to_minimize_latency()
    {
        var document = SyntheticStudy.Of(40) with { Objectives = [new("accuracy", Direction.Maximize), new("fileBytes", Direction.Minimize), new("bitOps", Direction.Minimize)] };

        var choice = TypicalChoice.Of(document)[1];

        Assert.Equal("fewest bit operations, loss ≤ 1 point", choice.Purpose);
        Assert.Equal("--max-drop 0.01 --minimize bitOps", choice.PickOptions);
        Assert.Equal(document.Variants.Where(v => v.AccuracyChange!.Value.Value >= -0.01).Min(v => v.Compute.BitOps), choice.Variant.Compute.BitOps);
    }

    [Fact]
    public void A_study_without_a_baseline_has_no_typical_budgets() =>
        Assert.Empty(TypicalChoice.Of(SyntheticStudy.Of(6) with { Variants = [], Frontier = [], Knee = null }));

    [Fact]
    public void Without_latency_and_knee_the_sentence_still_holds()
    {
        var document = SyntheticStudy.Of(6);
        document = document with
        {
            Objectives = [new("accuracy", Direction.Maximize), new("packedBytes", Direction.Minimize), new("bitOps", Direction.Minimize)],
            Variants = [.. document.Variants.Select(v => v with { Compute = v.Compute with { LatencyMilliseconds = null, LatencyRatio = null } })],
        };

        Assert.Equal("6 variants measured; the frontier has 6; it has no knee.", FrontierSummary.Of(document with { Knee = null }));
        Assert.Equal("3.84× smaller, 16.0× fewer bit operations, top-1 accuracy −1.55 points [−2.14, −0.97]",
            FrontierSummary.Against(document, document.Variants[3]));
    }
}
