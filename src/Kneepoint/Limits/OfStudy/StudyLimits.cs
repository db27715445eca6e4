using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kneepoint.Studies;

namespace Kneepoint.Limits.OfStudy;

/// <summary>All that theory says of a study's variants.</summary>
/// <param name="Samples">Evaluation samples.</param>
/// <param name="Variants">The measured variants, in the order of their trials.</param>
public sealed record StudyLimits(long Samples, ImmutableArray<VariantLimits> Variants)
{
    /// <summary>The store's entry that holds the limits, with the version of their form: others are computed anew.</summary>
    public const string Entry = "limits/2";

    /// <summary>Labels of the evaluation samples, tokens of sequences among them; null where there are none.</summary>
    public long? Labels { get; init; }

    /// <summary>Ids of the variants of the least total for a tenth of the labels, for these, and for ten times as many; null where there are none.</summary>
    public MdlChoices? MdlChoice { get; init; }

    /// <summary>Bits of the labels without any network, all classes alike; null where classes or labels are not known. What does not come below it is no shorter description.</summary>
    public double? LabelBitsWithoutNetwork => Labels * (Classes is { } classes ? Math.Log2(classes) : null);

    /// <summary>Labels from which on another variant than <see cref="MdlChoices.AsMeasured"/> describes both in fewer bits; null where none ever does.</summary>
    public double? LabelsOfNextChoice
    {
        get
        {
            if (Labels is not { } labels || Variants.FirstOrDefault(variant => variant.Id == MdlChoice?.AsMeasured) is not { ModelBits: { } model, LabelBits: { } cost }) return null;
            var next = Variants.Where(variant => variant.ModelBits > model && variant.LabelBits < cost).Select(variant => (variant.ModelBits!.Value - model) / ((cost - variant.LabelBits!.Value) / labels)).ToList();
            return next.Count == 0 ? null : next.Min();
        }
    }

    /// <summary>Training samples; null without them.</summary>
    public long? TrainSamples { get; init; }

    /// <summary>Half the width of the 95 % interval of the baseline's accuracy, and of a difference with as many discordant samples as are typical here; null where the metric is no proportion.</summary>
    public TestSetResolution? Resolution { get; init; }

    /// <summary>The noise-limited frontier; null where it was not measured.</summary>
    public NoiseFrontier? Noise { get; init; }

    /// <summary>Classes of a label; null where not known.</summary>
    public int? Classes { get; init; }

    /// <summary>What uniform precision costs, bounded and measured; null where it was not looked at, or there are no classes.</summary>
    public PrecisionTable? Precision { get; init; }

    /// <summary>Calibration samples that gradients were taken of; null where there are none.</summary>
    public int? GradientSamples { get; init; }

    /// <summary>Calibration samples that divergences were measured on; null where they were not.</summary>
    public int? DivergenceSamples { get; init; }

    /// <summary>How predictions rank the variants; null where nothing was predicted.</summary>
    public PredictionRanks? Ranks { get; init; }

    /// <summary>What could not be said, and why.</summary>
    public ImmutableArray<MissingLimit> Missing { get; init; } = [];

    /// <summary>The limits that a study holds; null if none were computed.</summary>
    /// <exception cref="StudyStoreException">They are damaged.</exception>
    public static StudyLimits? Read(INamedBytes store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Get(Entry) is { } stored ? Parse(stored) : null;
    }

    /// <summary>Limits from what <see cref="ToJson"/> gives.</summary>
    /// <exception cref="StudyStoreException">They are damaged.</exception>
    public static StudyLimits Parse(ReadOnlySpan<byte> stored)
    {
        try
        {
            return JsonSerializer.Deserialize(stored, StudyLimitsJson.Default.StudyLimits) is { IsWhole: true } limits ? limits : throw new JsonException("Something in it is not there.");
        }
        catch (JsonException exception)
        {
            throw new StudyStoreException("The study's limits are damaged: run 'kneepoint limits' again.", exception);
        }
    }

    // What the types of the members do not say: lists that are there, without holes.
    bool IsWhole => IsFull(Variants) && Variants.All(variant => IsFull(variant.Layers)) && IsFull(Missing) && (Noise is null || IsFull(Noise.Points)) && (Precision is null || IsFull(Precision.Rows))
        && (MdlChoice is null || new[] { MdlChoice.Tenth, MdlChoice.AsMeasured, MdlChoice.Tenfold }.All(id => Variants.Any(variant => variant.Id == id)));

    static bool IsFull<T>(ImmutableArray<T> list) where T : class => !list.IsDefault && list.All(item => item is not null);

    /// <summary>Keeps the limits in a study.</summary>
    public void Write(INamedBytes store)
    {
        ArgumentNullException.ThrowIfNull(store);
        store.Put(Entry, ToJson());
    }

    /// <summary>As UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StudyLimitsJson.Default.StudyLimits);
}

/// <summary>Which variant describes model and labels in the fewest bits.</summary>
/// <param name="Tenth">For a tenth of the labels.</param>
/// <param name="AsMeasured">For the labels as they are.</param>
/// <param name="Tenfold">For ten times as many.</param>
public sealed record MdlChoices(string Tenth, string AsMeasured, string Tenfold);

/// <summary>What the evaluation samples can tell apart.</summary>
/// <param name="Unpaired">Half the width of the 95 % interval of the baseline's accuracy.</param>
/// <param name="Paired">Half the width of that of a difference with <paramref name="DiscordantShare"/>.</param>
/// <param name="DiscordantShare">The share of samples on which a variant and the baseline differ, the median of the variants.</param>
public sealed record TestSetResolution(double Unpaired, double Paired, double DiscordantShare);

/// <summary>Spearman's rank correlation of predicted and measured losses.</summary>
/// <param name="Variants">Variants that something is predicted of.</param>
/// <param name="Saturating">How many of them have integer kernels that may saturate on this machine, which no prediction knows.</param>
/// <param name="LayerwiseWithChange">Of <see cref="PredictedLoss.LayerwiseNats"/> with the metric's loss.</param>
/// <param name="LayerwiseWithLabels">With the labels' loss.</param>
/// <param name="FisherWithChange">Of <see cref="PredictedLoss.FisherNats"/> with the metric's loss.</param>
/// <param name="FisherWithLabels">With the labels' loss.</param>
/// <param name="FisherWithDivergence">With the measured divergence of the outputs on the same samples: what it predicts.</param>
/// <param name="FisherWithDivergenceUnsaturated">The same without the saturating ones.</param>
/// <param name="SignalToNoise">Of the output's signal to noise, predicted with measured.</param>
/// <param name="SignalToNoiseUnsaturated">The same without the saturating ones.</param>
public sealed record PredictionRanks(
    int Variants, int Saturating, double? LayerwiseWithChange, double? LayerwiseWithLabels, double? FisherWithChange, double? FisherWithLabels,
    double? FisherWithDivergence, double? FisherWithDivergenceUnsaturated, double? SignalToNoise, double? SignalToNoiseUnsaturated);

/// <summary>A statement of which nothing can be said here.</summary>
/// <param name="Letter">The statement's.</param>
/// <param name="Reason">Why, and what to do, in one sentence.</param>
public sealed record MissingLimit(char Letter, string Reason);

[JsonSerializable(typeof(StudyLimits))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
sealed partial class StudyLimitsJson : JsonSerializerContext;
