namespace Kneepoint.Search.Models;

/// <summary>The coefficients that one group's part of the time depends on: one for each of its choices, then one for each pair of unlike kernels that may meet at a boundary to a neighbor.</summary>
sealed class LatencyPart
{
    readonly LatencyLayout _layout;
    readonly int _group;
    readonly List<int> _neighbors = [];
    readonly Dictionary<(int Neighbor, string Own, string Other), int> _boundaries = [];

    /// <summary>Numbers the coefficients of a group; of what belongs to no group, which comes behind the last, there is one.</summary>
    public LatencyPart(LatencyLayout layout, int group)
    {
        _layout = layout;
        _group = group;
        bool isGroup = group < layout.Kernels.Length;
        Choices = isGroup ? layout.Kernels[group].Length : 1;
        Coefficients = Choices;
        if (!isGroup) return;
        foreach (var (first, second) in layout.Neighbors)
        {
            if (first != group && second != group) continue;
            int neighbor = first == group ? second : first;
            _neighbors.Add(neighbor);
            foreach (string own in layout.Kernels[group].Distinct(StringComparer.Ordinal))
            {
                foreach (string other in layout.Kernels[neighbor].Distinct(StringComparer.Ordinal))
                {
                    if (own != other) _boundaries.Add((neighbor, own, other), Coefficients++);
                }
            }
        }
    }

    /// <summary>The group's choices.</summary>
    public int Choices { get; }

    /// <summary>All coefficients.</summary>
    public int Coefficients { get; }

    /// <summary>What an assignment adds up.</summary>
    public List<LinearTerm> TermsOf(IReadOnlyList<int> assignment)
    {
        if (_group == _layout.Kernels.Length) return [new LinearTerm(0, 1)];
        var terms = new List<LinearTerm> { new(assignment[_group], 1) };
        string own = _layout.Kernels[_group][assignment[_group]];
        foreach (int neighbor in _neighbors)
        {
            if (_boundaries.TryGetValue((neighbor, own, _layout.Kernels[neighbor][assignment[neighbor]]), out int coefficient)) terms.Add(new LinearTerm(coefficient, 1));
        }

        return terms;
    }
}
