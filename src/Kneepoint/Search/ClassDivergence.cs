namespace Kneepoint.Search;

/// <summary>Kullback–Leibler divergence of two rows of class scores, in nats.</summary>
static class ClassDivergence
{
    const double SumTolerance = 1e-3;
    const double LeastProbability = 1e-12;

    /// <summary>Whether a row is a distribution already: nothing negative, and a sum of 1 within 0.001.</summary>
    public static bool AreProbabilities(ReadOnlySpan<float> row)
    {
        double sum = 0;
        foreach (float x in row)
        {
            if (!(x >= 0)) return false;
            sum += x;
        }

        return Math.Abs(sum - 1) <= SumTolerance;
    }

    /// <summary>KL(softmax p‖softmax q). A class that the baseline excludes with −∞ takes no part.</summary>
    /// <returns>At least 0; infinite where q is no number or excludes a class that p allows; 0 where p itself is no number.</returns>
    public static double OfLogits(ReadOnlySpan<float> p, ReadOnlySpan<float> q)
    {
        double logSumP = LogSumExp(p);
        if (!double.IsFinite(logSumP)) return 0;
        double logSumQ = LogSumExp(q);
        if (!double.IsFinite(logSumQ)) return double.PositiveInfinity;
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            double logP = p[i] - logSumP;
            double probability = Math.Exp(logP);
            if (probability > 0) sum += probability * (logP - (q[i] - logSumQ));
        }

        return Math.Max(0, sum);
    }

    /// <summary>KL(p‖q) with q at least 1e-12.</summary>
    /// <returns>At least 0; infinite where q is no number.</returns>
    public static double OfProbabilities(ReadOnlySpan<float> p, ReadOnlySpan<float> q)
    {
        double sum = 0;
        for (int i = 0; i < p.Length; i++)
        {
            if (!float.IsFinite(q[i])) return double.PositiveInfinity;
            if (p[i] > 0) sum += p[i] * (Math.Log(p[i]) - Math.Log(Math.Max(q[i], LeastProbability)));
        }

        return Math.Max(0, sum);
    }

    static double LogSumExp(ReadOnlySpan<float> row)
    {
        double greatest = double.NegativeInfinity;
        foreach (float x in row)
        {
            if (float.IsNaN(x)) return double.NaN;
            greatest = Math.Max(greatest, x);
        }

        if (!double.IsFinite(greatest)) return double.NaN;
        double sum = 0;
        foreach (float x in row) sum += Math.Exp(x - greatest);
        return greatest + Math.Log(sum);
    }
}
