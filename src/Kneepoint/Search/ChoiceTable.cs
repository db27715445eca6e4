using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>Every layer of a network with every way to treat it: what recipes are put together from.</summary>
/// <remarks>
/// An assignment picks one choice for each group. It makes one recipe: one step for each (method, options), steps in ordinal order of method and then
/// options, the layers of a step in the baseline's order; layers that are kept are not named. A step on all layers that have its method and options
/// among their choices is written with "*", so a table must list every layer that a method can treat, or say that it does not (<see cref="IsWhole"/>).
/// </remarks>
public sealed class ChoiceTable
{
    readonly Dictionary<string, int> _groupOfLayer = new(StringComparer.Ordinal);

    ChoiceTable(ImmutableArray<string> layers, ImmutableArray<LayerGroup> groups, bool isWhole)
    {
        (Layers, Groups, IsWhole) = (layers, groups, isWhole);
        for (int i = 0; i < groups.Length; i++)
        {
            foreach (string layer in groups[i].Layers) _groupOfLayer.Add(layer, i);
        }

        Methods = [.. groups.SelectMany(group => group.Choices).Select(choice => choice.Method).Where(method => !method.IsKeep).Distinct()];
    }

    /// <summary>All layers in the baseline's order.</summary>
    public ImmutableArray<string> Layers { get; }

    /// <summary>The layers in groups that are treated alike, by their first layer's place.</summary>
    public ImmutableArray<LayerGroup> Groups { get; }

    /// <summary>Whether every layer has all choices that methods can make of it; otherwise steps name their layers, even where all that have the choice are treated.</summary>
    public bool IsWhole { get; }

    /// <summary>Every method with its options that at least one group can take, in the order of their first appearance.</summary>
    public ImmutableArray<LayerMethod> Methods { get; }

    /// <summary>Puts a table together.</summary>
    /// <param name="layers">All layers in the baseline's order.</param>
    /// <param name="choices">The ways to treat them, the usual ones first. A layer may lack <see cref="LayerMethod.Keep"/>; then it is always treated.</param>
    /// <param name="sharedWeights">Layers that share a weight; groups that overlap are joined. Such layers can only do what each of them can do.</param>
    /// <param name="isWhole">Whether the layers have all choices that methods can make of them.</param>
    /// <exception cref="ArgumentException">A layer is unknown, listed twice, has a choice twice or none at all, or a figure is negative or no number.</exception>
    public static ChoiceTable Of(IReadOnlyList<string> layers, IEnumerable<LayerChoice> choices, IEnumerable<IReadOnlyCollection<string>>? sharedWeights = null, bool isWhole = true)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(choices);
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string layer in layers)
        {
            if (!order.TryAdd(layer, order.Count)) throw new ArgumentException($"The layer '{layer}' is listed twice.", nameof(layers));
        }

        var byLayer = layers.Select(_ => new List<LayerChoice>()).ToArray();
        foreach (var choice in choices)
        {
            if (!order.TryGetValue(choice.Layer, out int place)) throw new ArgumentException($"A choice names the layer '{choice.Layer}', which is not listed.", nameof(choices));
            Check(choice, byLayer[place]);
            byLayer[place].Add(choice);
        }

        var groups = Group(order, sharedWeights ?? []).Select(members => Sum(members, layers, byLayer));
        return new ChoiceTable([.. layers], [.. groups], isWhole);
    }

    /// <summary>The table with measured losses in place of the expected ones, where they were measured; negative ones, which are noise, become 0.</summary>
    public ChoiceTable With(SensitivityTable sensitivities)
    {
        ArgumentNullException.ThrowIfNull(sensitivities);
        return new ChoiceTable(Layers, [.. Groups.Select(group => group with { Choices = [.. group.Choices.Select(choice => Measured(group.Id, choice))] })], IsWhole);

        GroupChoice Measured(string id, GroupChoice choice) =>
            !choice.Method.IsKeep && sensitivities.TryGet(id, choice.Method, out var measured) ? choice with { Loss = AtLeastZero(measured.Loss) } : choice;
    }

    /// <summary>The table without what is not worth proposing: those choices stay where they are, with an infinite loss.</summary>
    /// <param name="choices">Groups and choices, by their places.</param>
    public ChoiceTable Without(IEnumerable<(int Group, int Choice)> choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        var left = choices.ToHashSet();
        return new ChoiceTable(Layers, [.. Groups.Select((group, g) => group with { Choices = [.. group.Choices.Select((choice, c) => left.Contains((g, c)) ? choice with { Loss = double.PositiveInfinity } : choice)] })], IsWhole);
    }

    /// <summary>The recipe of an assignment.</summary>
    /// <param name="assignment">For each group the index of its choice.</param>
    /// <exception cref="ArgumentException">There are more or fewer indices than groups, or one is outside.</exception>
    public Recipe Compose(IReadOnlyList<int> assignment)
    {
        Check(assignment);
        var layersOf = new SortedDictionary<LayerMethod, List<string>>();
        foreach (string layer in Layers)
        {
            int group = _groupOfLayer[layer];
            var method = Groups[group].Choices[assignment[group]].Method;
            if (method.IsKeep) continue;
            if (!layersOf.TryGetValue(method, out var treated)) layersOf.Add(method, treated = []);
            treated.Add(layer);
        }

        return new Recipe([.. layersOf.Select(step => new Step(step.Key.Name,
            IsWhole && step.Value.Count == LayersThatTake(step.Key).Count() ? [Step.WholeNetwork] : [.. step.Value], step.Key.Options))]);
    }

    /// <summary>Finds the assignment that makes a recipe.</summary>
    /// <returns>Null if the table cannot make it: it treats the whole network in ways that are no choice of layers, or treats a layer twice.</returns>
    public ImmutableArray<int>? AssignmentOf(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var assignment = new int?[Groups.Length];
        foreach (var step in recipe.Steps)
        {
            var method = LayerMethod.Of(step);
            foreach (string layer in step.Layers is [Step.WholeNetwork] ? LayersThatTake(method) : step.Layers)
            {
                if (!_groupOfLayer.TryGetValue(layer, out int group)) return null;
                int choice = IndexOf(group, method);
                if (choice < 0 || (assignment[group] ?? choice) != choice) return null;
                assignment[group] = choice;
            }
        }

        var complete = ImmutableArray.CreateBuilder<int>(Groups.Length);
        for (int group = 0; group < Groups.Length; group++)
        {
            int choice = assignment[group] ?? IndexOf(group, LayerMethod.Keep);
            if (choice < 0) return null;
            complete.Add(choice);
        }

        // The way back must lead to the same recipe: a step on a part of a group, or on "*" of a method that nothing takes, does not.
        return Compose(complete).Equals(recipe) ? complete.MoveToImmutable() : null;
    }

    /// <summary>The assignment that treats every group by one method, and keeps those that cannot take it.</summary>
    /// <returns>Null if no group takes the method, or one can neither take it nor be kept.</returns>
    public ImmutableArray<int>? Uniform(LayerMethod method)
    {
        var assignment = ImmutableArray.CreateBuilder<int>(Groups.Length);
        bool isTaken = false;
        for (int group = 0; group < Groups.Length; group++)
        {
            int choice = IndexOf(group, method);
            isTaken |= choice >= 0;
            if (choice < 0) choice = IndexOf(group, LayerMethod.Keep);
            if (choice < 0) return null;
            assignment.Add(choice);
        }

        return isTaken ? assignment.MoveToImmutable() : null;
    }

    IEnumerable<string> LayersThatTake(LayerMethod method) => Layers.Where(layer => IndexOf(_groupOfLayer[layer], method) >= 0);

    int IndexOf(int group, LayerMethod method)
    {
        var choices = Groups[group].Choices;
        for (int i = 0; i < choices.Length; i++)
        {
            if (choices[i].Method.Equals(method)) return i;
        }

        return -1;
    }

    void Check(IReadOnlyList<int> assignment)
    {
        ArgumentNullException.ThrowIfNull(assignment);
        if (assignment.Count != Groups.Length)
        {
            throw new ArgumentException($"An assignment for {Groups.Length} groups has {assignment.Count} entries.", nameof(assignment));
        }

        for (int group = 0; group < Groups.Length; group++)
        {
            if ((uint)assignment[group] < (uint)Groups[group].Choices.Length) continue;
            throw new ArgumentException($"Group '{Groups[group].Id}' has {Groups[group].Choices.Length} choices; the assignment picks number {assignment[group]}.", nameof(assignment));
        }
    }

    static void Check(LayerChoice choice, List<LayerChoice> others)
    {
        if (others.Any(other => other.Method.Equals(choice.Method))) throw new ArgumentException($"The layer '{choice.Layer}' has the choice '{choice.Method}' twice.", nameof(choice));
        if (choice.FileBytes < 0 || !(choice.Cost >= 0 && double.IsFinite(choice.Cost)))
        {
            throw new ArgumentException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"The choice '{choice.Method}' of layer '{choice.Layer}' has {choice.FileBytes} bytes and cost {choice.Cost}; both must be finite and at least 0."), nameof(choice));
        }
    }

    // Layers joined by any shared weight, each set in the baseline's order, sets by their first layer.
    static IEnumerable<List<int>> Group(Dictionary<string, int> order, IEnumerable<IReadOnlyCollection<string>> sharedWeights)
    {
        int[] first = [.. Enumerable.Range(0, order.Count)];
        foreach (var sharing in sharedWeights)
        {
            int joined = -1;
            foreach (string layer in sharing)
            {
                if (!order.TryGetValue(layer, out int place)) throw new ArgumentException($"A shared weight names the layer '{layer}', which is not listed.", nameof(sharedWeights));
                int root = Root(first, place);
                if (joined >= 0) (first[Math.Max(root, joined)], joined) = (Math.Min(root, joined), Math.Min(root, joined));
                else joined = root;
            }
        }

        return Enumerable.Range(0, order.Count).GroupBy(place => Root(first, place)).Select(group => group.ToList());
    }

    static int Root(int[] first, int place)
    {
        while (first[place] != place) place = first[place];
        return place;
    }

    static LayerGroup Sum(List<int> members, IReadOnlyList<string> layers, List<LayerChoice>[] byLayer)
    {
        var choices = ImmutableArray.CreateBuilder<GroupChoice>();
        foreach (var choice in byLayer[members[0]])
        {
            var alike = members.Select(member => byLayer[member].Find(other => other.Method.Equals(choice.Method))).ToArray();
            if (alike.Contains(null)) continue;
            choices.Add(new GroupChoice(choice.Method, alike.Sum(c => (double)c!.FileBytes), alike.Sum(c => c!.Cost), alike.Sum(c => AtLeastZero(c!.Loss))));
        }

        return choices.Count > 0
            ? new LayerGroup([.. members.Select(member => layers[member])], choices.ToImmutable())
            : throw new ArgumentException($"Nothing can be done with the layer '{layers[members[0]]}', not even to keep it.", nameof(byLayer));
    }

    // NaN stays: what was not measurable is never chosen.
    static double AtLeastZero(double loss) => loss < 0 ? 0 : loss;
}
