using System.Buffers.Binary;
using System.Collections.Immutable;
using Kneepoint.Limits.Size;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What the stored trials of a study alone say.</summary>
/// <param name="trials">All trials of the study.</param>
/// <param name="metric">The metric's name.</param>
/// <param name="samples">Evaluation samples.</param>
public sealed class StudyInquiry(IReadOnlyList<Trial> trials, string metric, long samples)
{
    // Metrics whose scores are decisions, right or wrong, one for each sample.
    static readonly string[] CountingMetrics = ["top1", "top5", "fidelity"];

    const double Failure = 0.05;

    readonly List<(Trial Trial, TrialOutcome.Measured Outcome)> _measured = [.. trials.Where(trial => trial.Outcome is TrialOutcome.Measured).Select(trial => (trial, (TrialOutcome.Measured)trial.Outcome))];

    /// <summary>Description lengths, guaranteed errors from held-out samples, the resolution of the test set.</summary>
    public StudyLimits FromTrials()
    {
        var missing = ImmutableArray.CreateBuilder<MissingLimit>();
        var choice = DescriptionLengths.Choices(trials);
        if (choice is null)
        {
            missing.Add(new MissingLimit('C', _measured.Any(entry => entry.Outcome.Figures.Labels is not null)
                ? "No variant has a packed file: run the study again in a new folder."
                : "The study has no label costs: its metric is not about labels of classes, or an earlier version made it; then run it again in a new folder."));
        }

        missing.Add(new MissingLimit('D', "A prequential code needs training, which is not part of this version."));
        var resolution = ResolutionOf();
        if (resolution is null) missing.Add(new MissingLimit('P', Baseline is null ? "The baseline was not measured." : $"The metric '{metric}' counts no decisions, right or wrong, one for each sample."));
        return new StudyLimits(samples, [.. _measured.Select(entry => Of(entry.Trial, entry.Outcome))])
        {
            Labels = _measured.Select(entry => entry.Outcome.Figures.Labels?.Count).FirstOrDefault(count => count is not null),
            MdlChoice = choice,
            Resolution = resolution,
            Missing = missing.ToImmutable(),
        };
    }

    /// <summary>Adds what the training samples say.</summary>
    /// <param name="limits">What is known.</param>
    /// <param name="training">Errors on the training samples by the variant's id.</param>
    /// <param name="trainSamples">Training samples.</param>
    /// <param name="classes">Classes; null where not known.</param>
    public StudyLimits WithTraining(StudyLimits limits, IReadOnlyDictionary<string, long> training, long trainSamples, int? classes)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(training);
        return limits with
        {
            TrainSamples = trainSamples,
            Variants = [.. limits.Variants.Select(variant =>
            {
                if (!training.TryGetValue(variant.Id, out long errors)) return variant;
                var train = new ErrorCount(errors, trainSamples);
                var occam = variant.ModelBits is { } bits ? OccamBound.Of(train, bits, Failure, classes) : (OccamBound?)null;
                return variant with
                {
                    TrainErrors = errors,
                    OccamErrorAtMost = occam?.GuaranteedError,
                    IsOccamVacuous = occam?.IsVacuous,
                    SizeAtLeastBits = ErrorsOf(variant.Id) is { } test ? SizeFromOverfitting.Of(train, test).LeastBits : null,
                };
            })],
        };
    }

    /// <summary>The baseline among the measured trials; null if it was not measured.</summary>
    internal TrialOutcome.Measured? Baseline => _measured.FirstOrDefault(entry => entry.Trial.Recipe.Equals(Recipe.Baseline)).Outcome;

    VariantLimits Of(Trial trial, TrialOutcome.Measured outcome)
    {
        var errors = ErrorsOf(outcome);
        return new VariantLimits(trial.Recipe.Id)
        {
            ModelBits = outcome.Figures.Memory.PackedBytes * 8.0,
            LabelBits = outcome.Figures.Labels?.Bits,
            HeldOutErrorAtMost = errors is { } held ? ClopperPearson.Upper(held, Failure) : null,

            // One of so many could have been lucky: each gets its part of the chance to fail.
            ChosenErrorAtMost = errors is { } chosen ? ClopperPearson.Upper(chosen, Failure / _measured.Count) : null,
        };
    }

    TestSetResolution? ResolutionOf()
    {
        if (Baseline is not { } baseline || DecisionsOf(baseline) is not { } first) return null;
        var shares = _measured.Where(entry => !entry.Trial.Recipe.Equals(Recipe.Baseline)).Select(entry => DecisionsOf(entry.Outcome)).OfType<bool[]>()
            .Select(decisions => first.Zip(decisions).Count(pair => pair.First != pair.Second) / (double)first.Length).Order().ToList();
        double discordant = shares.Count == 0 ? 0 : shares[shares.Count / 2];
        return new TestSetResolution(TestResolution.Unpaired(samples, first.Count(isRight => isRight) / (double)first.Length), TestResolution.Paired(samples, discordant), discordant);
    }

    ErrorCount? ErrorsOf(string id) => ErrorsOf(_measured.First(entry => entry.Trial.Recipe.Id == id).Outcome);

    ErrorCount? ErrorsOf(TrialOutcome.Measured outcome) => DecisionsOf(outcome) is { } decisions ? new ErrorCount(decisions.Count(isRight => !isRight), decisions.Length) : null;

    bool[]? DecisionsOf(TrialOutcome.Measured outcome)
    {
        if (!CountingMetrics.Contains(metric) || outcome.SampleScores.Length != samples * sizeof(float)) return null;
        bool[] decisions = new bool[samples];
        for (int i = 0; i < decisions.Length; i++)
        {
            float score = BinaryPrimitives.ReadSingleLittleEndian(outcome.SampleScores.AsSpan(i * sizeof(float)));
            if (score is not (0 or 1)) return null;
            decisions[i] = score == 1;
        }

        return decisions;
    }
}
