namespace Kneepoint.Search;

/// <summary>Sums over observations x, y that give the ratio of their totals and its variance.</summary>
/// <remarks>
/// Computes R = sum x / sum y and, to first order, Var R = n / (n - 1) × sum (x - R y)² / (sum y)². With y = 1 that is the mean and its squared standard error.
/// Source: [Cochran1977] section 6.4.
/// </remarks>
sealed class OutputSums
{
    long _count;
    double _x;
    double _y;
    double _xx;
    double _xy;
    double _yy;

    /// <summary>Whether the baseline's rows are probabilities; null until a row was seen.</summary>
    public bool? AreProbabilities { get; set; }

    /// <summary>R; 0 if all x are 0, infinite if only the y are.</summary>
    public double Ratio => _x == 0 ? 0 : _x / _y;

    /// <summary>The variance of R; 0 for less than two observations.</summary>
    public double RatioVariance
    {
        get
        {
            if (_count < 2 || _x == 0 || !double.IsFinite(Ratio)) return 0;
            double residual = Math.Max(0, _xx - 2 * Ratio * _xy + Ratio * Ratio * _yy);
            return residual * _count / (_count - 1) / (_y * _y);
        }
    }

    /// <summary>Adds an observation.</summary>
    public void Add(double x, double y)
    {
        _count++;
        _x += x;
        _y += y;
        _xx += x * x;
        _xy += x * y;
        _yy += y * y;
    }
}
