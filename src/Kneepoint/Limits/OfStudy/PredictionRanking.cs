namespace Kneepoint.Limits.OfStudy;

/// <summary>Compares the order that predictions give variants with the order that was measured.</summary>
static class PredictionRanking
{
    // A rank correlation of fewer says nothing.
    const int LeastPairs = 8;

    /// <summary>Of all variants that something was predicted of; the baseline itself, of which nothing is lost, is left out.</summary>
    public static PredictionRanks? Of(IEnumerable<VariantLimits> variants)
    {
        var losses = variants.Select(variant => variant.Predicted).OfType<PredictedLoss>().Where(loss => loss.LayerwiseNats is > 0 || loss.FisherNats is > 0).ToList();
        if (losses.Count == 0) return null;

        double? Rank(Func<PredictedLoss, double?> predicted, Func<PredictedLoss, double?> measured, bool withSaturating = true)
        {
            var pairs = losses.Where(loss => withSaturating || !loss.MaySaturate).Select(loss => (Predicted: predicted(loss), Measured: measured(loss))).Where(pair => pair.Predicted is not null && pair.Measured is not null).ToList();
            return pairs.Count < LeastPairs ? null : RankCorrelation.Of([.. pairs.Select(pair => pair.Predicted!.Value)], [.. pairs.Select(pair => pair.Measured!.Value)]);
        }

        return new PredictionRanks(losses.Count, losses.Count(loss => loss.MaySaturate),
            Rank(loss => loss.LayerwiseNats, loss => loss.MeasuredLoss.Value), Rank(loss => loss.LayerwiseNats, loss => loss.MeasuredLabelNats),
            Rank(loss => loss.FisherNats, loss => loss.MeasuredLoss.Value), Rank(loss => loss.FisherNats, loss => loss.MeasuredLabelNats),
            Rank(loss => loss.FisherNats, loss => loss.MeasuredDivergence), Rank(loss => loss.FisherNats, loss => loss.MeasuredDivergence, withSaturating: false),
            Rank(loss => loss.OutputSignalToNoiseDecibels, loss => loss.MeasuredSignalToNoiseDecibels),
            Rank(loss => loss.OutputSignalToNoiseDecibels, loss => loss.MeasuredSignalToNoiseDecibels, withSaturating: false));
    }
}
