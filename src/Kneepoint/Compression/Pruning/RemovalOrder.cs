namespace Kneepoint.Compression.Pruning;

/// <summary>The order in which the classes of a group are cut, the least important first, and what has been lost by then.</summary>
/// <param name="Group">The group.</param>
/// <param name="Classes">Its classes, the first to go first.</param>
/// <param name="Losses">What is lost once so many are cut: the sum over the layers that read them of squared error by energy; one more than classes.</param>
sealed record RemovalOrder(ChannelGroup Group, IReadOnlyList<int> Classes, IReadOnlyList<double> Losses)
{
    // Above, the inverse would take more than its worth: errors are then taken without making up for them.
    const int MostInverted = 1600;

    /// <summary>Finds the order of a group.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="group">The group.</param>
    /// <param name="readers">All layers that read channels which may be cut.</param>
    /// <param name="importance">What counts.</param>
    public static RemovalOrder Of(ChannelGraph graph, ChannelGroup group, IReadOnlyList<ReadingLayer> readers, ChannelImportance importance)
    {
        var members = group.Classes.ToHashSet();
        var mine = readers.Where(reader => reader.Columns.Any(members.Contains)).ToArray();
        return importance switch
        {
            ChannelImportance.Magnitude => BySum(group, MagnitudeOf(graph, group)),
            ChannelImportance.Activation => BySum(group, EnergyOf(mine, group, isDiagonal: true)),
            _ => ByError(group, mine),
        };
    }

    // One class after the other: after each, the rest have made up for it.
    static RemovalOrder ByError(ChannelGroup group, ReadingLayer[] readers)
    {
        var eliminated = new List<(ColumnElimination Elimination, Dictionary<int, int[]> Columns)>();
        var others = new List<ReadingLayer>();
        foreach (var reader in readers)
        {
            var elimination = reader.Moments is not null && reader.Order <= MostInverted
                ? ColumnElimination.TryOf(reader.Order, [.. reader.Weight], reader.SecondMomentOf(reader.Moments.All())) : null;
            if (elimination is null) others.Add(reader);
            else eliminated.Add((elimination, ColumnsOf(reader, group)));
        }

        var apart = EnergyOf([.. others], group, isDiagonal: false);
        var left = group.Classes.ToList();
        var order = new List<int>();
        var losses = new List<double> { 0 };
        while (left.Count > 0)
        {
            (int best, double least) = (left[0], double.PositiveInfinity);
            foreach (int candidate in left)
            {
                double loss = apart[candidate];
                foreach (var (elimination, columns) in eliminated)
                {
                    if (columns.TryGetValue(candidate, out int[]? mine)) loss += elimination.ErrorWithout(mine);
                }

                if (loss < least) (best, least) = (candidate, loss);
            }

            foreach (var (elimination, columns) in eliminated)
            {
                if (columns.TryGetValue(best, out int[]? mine)) elimination.Take(mine);
            }

            left.Remove(best);
            order.Add(best);
            losses.Add(losses[^1] + (double.IsFinite(least) ? least : 1));
        }

        return new RemovalOrder(group, order, losses);
    }

    static RemovalOrder BySum(ChannelGroup group, Dictionary<int, double> scores)
    {
        int[] order = [.. group.Classes.OrderBy(place => scores[place])];
        var losses = new List<double> { 0 };
        foreach (int place in order) losses.Add(losses[^1] + scores[place]);
        return new RemovalOrder(group, order, losses);
    }

    // tr(W_S · H_SS · W_Sᵀ) by the layer's whole energy, or by single columns only.
    static Dictionary<int, double> EnergyOf(ReadingLayer[] readers, ChannelGroup group, bool isDiagonal)
    {
        var scores = group.Classes.ToDictionary(place => place, _ => 0.0);
        foreach (var reader in readers)
        {
            double[] moment = reader.SecondMomentOf(reader.Moments?.All());
            double whole = Math.Max(double.Epsilon, ColumnElimination.Energy(reader.Weight, moment, reader.Order));
            foreach (var (place, columns) in ColumnsOf(reader, group))
            {
                double sum = 0;
                for (int row = 0; row < reader.Rows; row++)
                {
                    var weights = reader.Weight.AsSpan(row * reader.Order, reader.Order);
                    foreach (int i in columns)
                    {
                        if (isDiagonal) sum += weights[i] * weights[i] * moment[i * reader.Order + i];
                        else foreach (int j in columns) sum += weights[i] * weights[j] * moment[i * reader.Order + j];
                    }
                }

                scores[place] += sum / whole;
            }
        }

        return scores;
    }

    // Squared weights that make the channel, as a share of those of its layer.
    static Dictionary<int, double> MagnitudeOf(ChannelGraph graph, ChannelGroup group)
    {
        var scores = group.Classes.ToDictionary(place => place, _ => 0.0);
        foreach (var layer in group.Layers)
        {
            if (graph.OutputsOf(layer) is not { } outputs) continue;
            float[] weight = graph.WeightOf(layer);
            var (outer, inner) = Quantization.WeightShape.Around(layer);
            double[] sums = new double[outputs.Length];
            int channels = (int)layer.WeightDimensions[layer.OutputAxis];
            for (int i = 0; i < weight.Length; i++) sums[i / inner % channels] += (double)weight[i] * weight[i];
            double whole = Math.Max(double.Epsilon, sums.Sum());
            for (int channel = 0; channel < outputs.Length; channel++)
            {
                if (scores.ContainsKey(outputs[channel])) scores[outputs[channel]] += sums[channel] / whole;
            }
        }

        return scores;
    }

    static Dictionary<int, int[]> ColumnsOf(ReadingLayer reader, ChannelGroup group)
    {
        var members = group.Classes.ToHashSet();
        return reader.Columns.Select((place, column) => (place, column)).Where(entry => members.Contains(entry.place)).GroupBy(entry => entry.place, entry => entry.column)
            .ToDictionary(columns => columns.Key, columns => columns.ToArray());
    }
}
