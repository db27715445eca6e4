namespace Kneepoint.Pareto;

/// <summary>The staircase of few points in two objectives, in sorted arrays.</summary>
/// <remarks>Cost: O(n) per point, with a constant that beats any tree for some dozens of points.</remarks>
sealed class Staircase
{
    double[] _x = new double[64];
    double[] _y = new double[64];
    int _count; // steps with both ends: _x ascending, _y descending

    /// <summary>Empties the staircase; its ends are those of the reference.</summary>
    public void Reset(double right, double top)
    {
        (_x[0], _y[0]) = (double.NegativeInfinity, top);
        (_x[1], _y[1]) = (right, double.NegativeInfinity);
        _count = 2;
    }

    /// <summary>Adds a point.</summary>
    /// <returns>The area that only it dominates; 0 if it is weakly dominated.</returns>
    public double Add(double x, double y)
    {
        int at = 1;
        while (_x[at] < x) at++;
        // A step at the same x may be lower or higher; lower ones dominate.
        double top = _y[at - 1];
        if (top <= y || (_x[at] == x && _y[at] <= y)) return 0;
        int next = at;
        double area = 0, left = x;
        for (; _y[next] >= y; next++)
        {
            area += (_x[next] - left) * (top - y);
            (left, top) = (_x[next], _y[next]);
        }

        area += (_x[next] - left) * (top - y);
        Replace(at, next, x, y);
        return area;
    }

    // Steps from..to−1 make way for one.
    void Replace(int from, int to, double x, double y)
    {
        if (from == to)
        {
            if (_count == _x.Length)
            {
                Array.Resize(ref _x, 2 * _count);
                Array.Resize(ref _y, 2 * _count);
            }

            Array.Copy(_x, from, _x, from + 1, _count - from);
            Array.Copy(_y, from, _y, from + 1, _count - from);
            _count++;
        }
        else if (to > from + 1)
        {
            Array.Copy(_x, to, _x, from + 1, _count - to);
            Array.Copy(_y, to, _y, from + 1, _count - to);
            _count -= to - from - 1;
        }

        (_x[from], _y[from]) = (x, y);
    }
}
