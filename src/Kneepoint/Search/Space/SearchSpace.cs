using System.Collections.Immutable;

namespace Kneepoint.Search.Space;

/// <summary>All recipes that a search may propose: a form of the network, then one choice for each group of layers, fitted in succession or not.</summary>
/// <remarks>Several places can make one recipe: where no layer is rounded by data, there is nothing to fit in succession. <see cref="RecipeOf"/> gives all of them the same recipe.</remarks>
public sealed class SearchSpace
{
    const string RoundingOption = "rounding", ByData = "data", InSuccession = "successive";

    /// <summary>The text of a choice where its layers are fitted in succession.</summary>
    internal static string TextInSuccession(string text) => text.Replace($"{RoundingOption}={ByData}", $"{RoundingOption}={InSuccession}", StringComparison.Ordinal);
    readonly ImmutableHashSet<string> _fittedMethods;

    /// <summary>Puts a space together.</summary>
    /// <param name="table">The groups of layers with their choices, whose losses are measured divergences.</param>
    /// <param name="forms">The forms of the network, the first without steps.</param>
    /// <param name="fittedMethods">Methods that can be fitted in succession by the option rounding=successive; empty where that is not wanted.</param>
    /// <exception cref="ArgumentException">There is no form, the first has steps, or one has not a share for each group.</exception>
    public SearchSpace(ChoiceTable table, ImmutableArray<NetworkForm> forms, IEnumerable<string> fittedMethods)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (forms.IsDefaultOrEmpty || !forms[0].Steps.IsEmpty) throw new ArgumentException("Expected the network as it is as the first form.", nameof(forms));
        if (forms.FirstOrDefault(form => form.Shares.Length != table.Groups.Length) is { } odd)
        {
            throw new ArgumentException($"A form has {odd.Shares.Length} shares for {table.Groups.Length} groups.", nameof(forms));
        }

        (Table, Forms, _fittedMethods) = (table, forms, [.. fittedMethods]);
        HasSuccession = table.Methods.Any(IsFittable);
        GeneSizes = [forms.Length, HasSuccession ? 2 : 1, .. table.Groups.Select(group => group.Choices.Length)];
        Values = [[.. Enumerable.Range(0, GeneSizes[0])], [.. Enumerable.Range(0, GeneSizes[1])], .. table.Groups.Select(Usable)];
    }

    /// <summary>The groups of layers with their choices.</summary>
    public ChoiceTable Table { get; }

    /// <summary>The forms of the network.</summary>
    public ImmutableArray<NetworkForm> Forms { get; }

    /// <summary>Whether a choice can be fitted in succession.</summary>
    public bool HasSuccession { get; }

    /// <summary>How many values each gene of a <see cref="Genome"/> has.</summary>
    public ImmutableArray<int> GeneSizes { get; }

    /// <summary>For each gene the values that are worth proposing: choices whose loss is finite.</summary>
    public ImmutableArray<ImmutableArray<int>> Values { get; }

    /// <summary>The decimal logarithm of the number of places that are worth proposing.</summary>
    public double LogSize => Values.Sum(values => Math.Log10(values.Length));

    /// <summary>The recipe of a place.</summary>
    public Recipe RecipeOf(Genome genome)
    {
        Check(genome);
        var rest = Table.Compose(genome.Assignment).Steps;
        if (genome.IsFitted) rest = [.. rest.Select(step => IsFittable(LayerMethod.Of(step)) ? step with { Options = step.Options.SetItem(RoundingOption, InSuccession) } : step)];
        return new Recipe([.. Forms[genome.Form].Steps, .. rest]);
    }

    /// <summary>The place of a recipe: not fitted where both would do; null where the space does not hold it.</summary>
    public Genome? GenomeOf(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        for (int form = Forms.Length - 1; form >= 0; form--)
        {
            var steps = Forms[form].Steps;
            if (recipe.Steps.Length < steps.Length || !recipe.Steps.AsSpan()[..steps.Length].SequenceEqual(steps.AsSpan())) continue;
            var rest = recipe.Steps[steps.Length..];
            bool isFitted = rest.Any(step => step.Options.GetValueOrDefault(RoundingOption) == InSuccession && _fittedMethods.Contains(step.Method));
            var plain = new Recipe([.. rest.Select(step => step.Options.GetValueOrDefault(RoundingOption) == InSuccession && _fittedMethods.Contains(step.Method)
                ? step with { Options = step.Options.SetItem(RoundingOption, ByData) } : step)]);
            if (Table.AssignmentOf(plain) is not { } assignment) continue;
            var genome = new Genome(form, isFitted, assignment);
            if (RecipeOf(genome).Equals(recipe)) return genome;
        }

        return null;
    }

    /// <summary>Whether fitting in succession changes anything at a place.</summary>
    public bool IsFittable(Genome genome)
    {
        for (int group = 0; group < Table.Groups.Length; group++)
        {
            if (IsFittable(Table.Groups[group].Choices[genome.ChoiceOf(group)].Method)) return true;
        }

        return false;
    }

    /// <summary>Whether a method rounds by data, as an option says; fitting in succession takes the place of that.</summary>
    public static bool IsRoundedByData(LayerMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return method.Options.GetValueOrDefault(RoundingOption) == ByData;
    }

    bool IsFittable(LayerMethod method) => _fittedMethods.Contains(method.Name) && IsRoundedByData(method);

    // A group of which nothing was measurable still needs one treatment: its first, which is the usual one.
    static ImmutableArray<int> Usable(LayerGroup group)
    {
        ImmutableArray<int> finite = [.. Enumerable.Range(0, group.Choices.Length).Where(choice => double.IsFinite(group.Choices[choice].Loss))];
        return finite.IsEmpty ? [0] : finite;
    }

    void Check(Genome genome)
    {
        if (genome.Genes.IsDefault || genome.Genes.Length != GeneSizes.Length) throw new ArgumentException($"Expected {GeneSizes.Length} genes.", nameof(genome));
        for (int gene = 0; gene < GeneSizes.Length; gene++)
        {
            if ((uint)genome.Genes[gene] >= (uint)GeneSizes[gene]) throw new ArgumentException($"Gene {gene} has {GeneSizes[gene]} values, found {genome.Genes[gene]}.", nameof(genome));
        }
    }
}
