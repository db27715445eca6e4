namespace Kneepoint.Search;

/// <summary>Finds how strongly a method can be applied: from the middle on, towards the strongest recipe whose loss is still taken.</summary>
public static class StrengthSearch
{
    /// <summary>The loss that is still taken, as a share of the baseline's figure.</summary>
    public const double TakenLoss = 0.02;

    /// <summary>The next strength to measure.</summary>
    /// <param name="losses">Of each strength, the weakest first: measured, NaN where it failed, or null where it was not tried.</param>
    /// <returns>Its place; null where the neighbors on both sides of <see cref="TakenLoss"/> are known.</returns>
    public static int? Next(IReadOnlyList<double?> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        if (losses.Count == 0) return null;
        if (losses.All(loss => loss is null)) return (losses.Count - 1) / 2;
        int strongestTaken = -1, weakestRefused = losses.Count;
        for (int i = 0; i < losses.Count; i++)
        {
            if (losses[i] is not { } loss) continue;
            if (loss <= TakenLoss) strongestTaken = i;
            else weakestRefused = Math.Min(weakestRefused, i);
        }

        int next = (strongestTaken + weakestRefused) / 2;
        return strongestTaken < next && next < weakestRefused && losses[next] is null ? next : null;
    }
}
