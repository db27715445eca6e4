using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kneepoint.Search;
using Kneepoint.Search.Models;

namespace Kneepoint.Studies.Modeled;

/// <summary>What a study knows of its search space: additive models of cost and of divergence, and the curve from divergence to loss. Enough to answer budgets and to explain variants without the network.</summary>
/// <param name="Costs">Names of the modeled costs, as in <see cref="Objective.Names"/>.</param>
/// <param name="Groups">The groups of layers with their choices.</param>
/// <param name="Forms">The forms of the network, the first without steps.</param>
/// <param name="Curve">The loss of accuracy, as a share of the baseline's figure, over what the divergences of the parts add up to.</param>
/// <param name="Measured">Variants that the curve was fitted to.</param>
public sealed record SpaceModel(ImmutableArray<string> Costs, ImmutableArray<ModeledGroup> Groups, ImmutableArray<ModeledForm> Forms, LossCurve Curve, int Measured)
{
    /// <summary>The store's entry that holds the model.</summary>
    public const string Entry = "space-model/1";

    /// <summary>All layers in the network's order; those of the groups, one after another, where a model does not say.</summary>
    public ImmutableArray<string> Layers { get => field.IsDefaultOrEmpty ? [.. Groups.SelectMany(group => group.Layers)] : field; init; }

    /// <summary>Whether the study was of some layers only, as <see cref="ExplorationSettings.Layers"/> says, so that recipes name the layers that they treat.</summary>
    public bool NamesLayers { get; init; }

    /// <summary>What pruning took out of the space, with the reasons.</summary>
    public ImmutableArray<string> Pruned { get => field.IsDefault ? [] : field; init; }

    /// <summary>How well the costs of measured variants are predicted by the others.</summary>
    public ImmutableArray<CostCheck> Checks { get => field.IsDefault ? [] : field; init; }

    /// <summary>How far the curve is from the losses of the variants that it was fitted to: for half of them, and for nine of ten, a share of the baseline's figure; empty where there were none.</summary>
    public ImmutableArray<double> LossErrors { get => field.IsDefault ? [] : field; init; }

    /// <summary>What was expected of recipes before they were tried.</summary>
    public ImmutableArray<ModeledPrediction> Predictions { get => field.IsDefault ? [] : field; init; }

    /// <summary>The last plans in a row that promised less than the samples can show: for each the number of trials that it was made from.</summary>
    public ImmutableArray<int> Unresolved { get => field.IsDefault ? [] : field; init; }

    /// <summary>The objectives and budgets that plans were made for; empty where a model does not say.</summary>
    public string Aim { get => field ?? ""; init; } = "";

    /// <summary>The last plans that promised too little, where they were made for the same aim: what is nothing worth for one may be for another.</summary>
    /// <param name="aim">Objectives and budgets.</param>
    public ImmutableArray<int> UnresolvedFor(string aim) => aim == Aim ? Unresolved : [];

    /// <summary>The model as a store keeps it.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SpaceModelJson.Default.SpaceModel);

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null where there is nothing.</summary>
    /// <exception cref="StudyStoreException">The bytes are no model, or one that does not fit itself.</exception>
    public static SpaceModel? Parse(byte[]? bytes)
    {
        if (bytes is null) return null;
        try
        {
            if (JsonSerializer.Deserialize(bytes, SpaceModelJson.Default.SpaceModel) is { } model && model.IsWhole()) return model;
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new StudyStoreException(Damaged, exception);
        }

        throw new StudyStoreException(Damaged);
    }

    const string Damaged = "The study's model of its search space is damaged: expected groups of layers with choices as JSON. Restore study.db from a copy, or use a new folder.";

    bool IsWhole() => !Groups.IsDefault && !Forms.IsDefaultOrEmpty && !Costs.IsDefault && Costs.All(ModeledNames.Contains) && AreDistinct(Costs) && Curve is { Top: >= 0, Scale: > 0, Power: > 0 }
        && Groups.All(group => group is not null && !group.Layers.IsDefaultOrEmpty && group.Layers.All(layer => layer is not null) && !group.Choices.IsDefaultOrEmpty && group.Choices.All(IsWhole)
            && group.Choices.Any(choice => double.IsFinite(choice.Divergence)) && AreDistinct(group.Choices.Select(choice => new LayerMethod(choice.Method, choice.Options))))
        && AreDistinct(Groups.SelectMany(group => group.Layers)) && Layers.All(layer => layer is not null) && Layers.Order(StringComparer.Ordinal).SequenceEqual(Groups.SelectMany(group => group.Layers).Order(StringComparer.Ordinal))
        && Forms.All(IsWhole) && Recipe.Parse(Forms[0].Recipe).Steps.IsEmpty
        && (LossErrors.Length is 0 or 2) && LossErrors.All(IsAmount)
        && Pruned.All(reason => reason is not null) && Checks.All(check => check is not null && Costs.Contains(check.Cost)) && Predictions.All(prediction => prediction is not null);

    bool IsWhole(ModeledChoice choice) => choice is { Method: not null, Options: not null, Divergence: >= 0 } && choice.Options.Values.All(value => value is not null) && choice.Added.Length == Costs.Length && choice.Added.All(double.IsFinite);

    bool IsWhole(ModeledForm form) => form is { Recipe: not null, Divergence: >= 0 and < double.PositiveInfinity } && Recipe.Parse(form.Recipe) is not null
        && form.Shares.Length == Groups.Length && form.Shares.All(IsAmount) && form.Costs.Length == Costs.Length && form.Costs.All(IsAmount);

    static IEnumerable<string> ModeledNames => Objective.Names.Where(name => name != "accuracy");

    static bool IsAmount(double value) => value >= 0 && double.IsFinite(value);

    static bool AreDistinct<T>(IEnumerable<T> all) => all.Distinct().Count() == all.Count();
}

/// <summary>Layers that are treated alike.</summary>
/// <param name="Layers">Their names.</param>
/// <param name="Choices">What may be done to them.</param>
public sealed record ModeledGroup(ImmutableArray<string> Layers, ImmutableArray<ModeledChoice> Choices);

/// <summary>What may be done to a group of layers.</summary>
/// <param name="Method">The method's name; empty to keep them.</param>
/// <param name="Options">Its options.</param>
/// <param name="Divergence">The divergence that it causes alone; infinite where it cannot be done.</param>
/// <param name="Added">What it adds to each cost of the form; negative where it saves.</param>
public sealed record ModeledChoice(string Method, ImmutableSortedDictionary<string, string> Options, double Divergence, ImmutableArray<double> Added)
{
    /// <summary>Name and options; "keep" for none.</summary>
    [JsonIgnore]
    public string Text => new LayerMethod(Method, Options).Text;
}

/// <summary>A form of the network.</summary>
/// <param name="Recipe">The canonical text of the recipe of its steps.</param>
/// <param name="Divergence">Its divergence with no layer treated.</param>
/// <param name="Costs">Its costs with no layer treated.</param>
/// <param name="Shares">For each group the share of the weights that it leaves.</param>
public sealed record ModeledForm(string Recipe, double Divergence, ImmutableArray<double> Costs, ImmutableArray<double> Shares);

/// <summary>How well a cost is predicted: leaving out one variant at a time.</summary>
/// <param name="Cost">The cost's name.</param>
/// <param name="Variants">Variants that were left out.</param>
/// <param name="MedianError">The median of the relative error.</param>
/// <param name="LargeError">Its 90th percentile.</param>
public sealed record CostCheck(string Cost, int Variants, double MedianError, double LargeError);

/// <summary>What was expected of a recipe before it was tried.</summary>
/// <param name="Id">The recipe's id.</param>
/// <param name="Loss">The expected loss, as a share of the baseline's figure.</param>
/// <param name="Deviation">Its standard deviation.</param>
public sealed record ModeledPrediction(string Id, double Loss, double Deviation);

[JsonSerializable(typeof(SpaceModel))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
sealed partial class SpaceModelJson : JsonSerializerContext;
