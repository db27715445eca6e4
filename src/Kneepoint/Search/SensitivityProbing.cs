using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>Chooses which variants to measure so that the sensitivities of many layers are found with a bounded number of them.</summary>
/// <remarks>
/// With no more groups than variants, each group is measured alone. Else half of the variants measure equal blocks of neighboring groups, and
/// the others halve, again and again, the block with the greatest loss: time goes where the losses are, and layers that do no harm are cleared by the block.
/// The loss of a block that was not halved is shared out by the losses that the table expects of its groups, or by their bytes where it expects none.
/// Known weakness: within a block errors may cancel, so a block can look better than its layers.
/// Deterministic: the next variants depend on the measurements alone.
/// </remarks>
public static class SensitivityProbing
{
    /// <summary>The variants of a method to measure now.</summary>
    /// <param name="table">The choices.</param>
    /// <param name="method">The method.</param>
    /// <param name="measured">All measurements so far; those of other methods are skipped.</param>
    /// <param name="most">Variants of this method in all, at least 1.</param>
    /// <returns>None if all are measured.</returns>
    public static ImmutableArray<SensitivityProbe> Next(ChoiceTable table, LayerMethod method,
        IReadOnlyDictionary<SensitivityProbe, Sensitivity> measured, int most)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(measured);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        string[] groups = GroupsOf(table, method);
        var first = FirstBlocks(groups, method, most);
        ImmutableArray<SensitivityProbe> missing = [.. first.Where(probe => !measured.ContainsKey(probe))];
        if (missing.Length > 0) return missing;
        var blocks = first.ToList();
        int used = first.Count;
        while (used + 2 <= most && Worst(blocks, measured) is { } worst)
        {
            var (left, right) = Halves(worst);
            missing = [.. new[] { left, right }.Where(probe => !measured.ContainsKey(probe))];
            if (missing.Length > 0) return missing;
            blocks.Remove(worst);
            blocks.AddRange([left, right]);
            used += 2;
        }

        return [];
    }

    /// <summary>The sensitivities of single groups from measurements of blocks.</summary>
    /// <param name="table">The choices, whose expected losses or bytes share out the loss of a block.</param>
    /// <param name="measured">All measurements.</param>
    public static SensitivityTable Table(ChoiceTable table, IReadOnlyDictionary<SensitivityProbe, Sensitivity> measured)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(measured);
        var sensitivities = new SensitivityTable();

        // The smallest block that holds a group knows most about it: larger ones come first and are overwritten.
        foreach (var (probe, result) in measured.OrderByDescending(entry => entry.Key.Groups.Length)
            .ThenBy(entry => entry.Key.Method).ThenBy(entry => entry.Key.Groups[0], StringComparer.Ordinal))
        {
            double[] shares = Shares(table, probe);
            for (int i = 0; i < shares.Length; i++)
            {
                sensitivities.Set(probe.Groups[i], probe.Method, result with { Loss = Part(result.Loss, shares[i]), StandardError = result.StandardError * shares[i] });
            }
        }

        return sensitivities;

        static double Part(double loss, double share) => double.IsFinite(loss) ? loss * share : loss;
    }

    static string[] GroupsOf(ChoiceTable table, LayerMethod method) =>
        [.. table.Groups.Where(group => group.Choices.Any(choice => choice.Method.Equals(method))).Select(group => group.Id)];

    static List<SensitivityProbe> FirstBlocks(string[] groups, LayerMethod method, int most)
    {
        int count = groups.Length <= most ? groups.Length : Math.Max(1, (most + 1) / 2);
        var blocks = new List<SensitivityProbe>(count);
        for (int i = 0; i < count; i++)
        {
            int begin = (int)((long)groups.Length * i / count);
            int end = (int)((long)groups.Length * (i + 1) / count);
            blocks.Add(new SensitivityProbe(method, [.. groups[begin..end]]));
        }

        return blocks;
    }

    static SensitivityProbe? Worst(List<SensitivityProbe> blocks, IReadOnlyDictionary<SensitivityProbe, Sensitivity> measured) => blocks
        .Where(block => block.Groups.Length > 1 && !(measured[block].Loss <= 0))
        .OrderByDescending(block => double.IsNaN(measured[block].Loss) ? double.PositiveInfinity : measured[block].Loss)
        .FirstOrDefault();

    static (SensitivityProbe Left, SensitivityProbe Right) Halves(SensitivityProbe block)
    {
        int middle = block.Groups.Length / 2;
        return (block with { Groups = block.Groups[..middle] }, block with { Groups = block.Groups[middle..] });
    }

    static double[] Shares(ChoiceTable table, SensitivityProbe probe)
    {
        if (probe.Groups.Length == 1) return [1];
        var choices = probe.Groups.Select(id => table.Groups.First(group => group.Id == id).Choices.First(choice => choice.Method.Equals(probe.Method))).ToArray();
        double[] weights = [.. choices.Select(choice => choice.Loss)];
        if (!weights.All(double.IsFinite) || weights.Sum() <= 0) weights = [.. choices.Select(choice => choice.FileBytes)];
        double sum = weights.Sum();
        return [.. weights.Select(weight => sum > 0 ? weight / sum : 1d / weights.Length)];
    }
}
