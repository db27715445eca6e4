namespace Kneepoint.Reports.Plotting;

/// <summary>Finds room for labels beside their points: within the panel, off other labels, and over as few points and lines as can be.</summary>
sealed class LabelPlacer
{
    static readonly double[] Distances = [11, 18, 28, 42, 60, 84];
    const int Directions = 16;
    const double LeaderFrom = 16;
    const double LabelWeight = 1000;
    const double PointWeight = 12;
    const double LineWeight = 5;
    readonly double _left;
    readonly double _top;
    readonly double _right;
    readonly double _bottom;
    readonly List<PlotPoint> _points;
    readonly List<PlotPoint> _lineSamples = [];
    readonly List<(double Left, double Top, double Right, double Bottom)> _taken = [];

    public LabelPlacer(double left, double top, double right, double bottom, IEnumerable<PlotPoint> points, List<PlotPoint> line)
    {
        (_left, _top, _right, _bottom) = (left, top, right, bottom);
        _points = [.. points];
        for (int i = 1; i < line.Count; i++) Sample(line[i - 1], line[i]);
    }

    public PlacedLabel Place(PlotPoint point, string text, double size, bool isBold)
    {
        // A browser's bold font may be a good deal wider than the one that measures.
        double width = StrokeFont.Width(text, size, isBold) * (isBold ? 1.2 : 1.1), height = size;
        var best = (Left: Math.Clamp(point.X + Distances[0], _left, Math.Max(_left, _right - width)), Top: point.Y - height / 2);
        double lowest = double.PositiveInfinity;
        foreach (double distance in Distances)
        {
            for (int direction = 0; direction < Directions; direction++)
            {
                double angle = direction * 2 * Math.PI / Directions;
                double x = point.X + Math.Cos(angle) * distance, y = point.Y + Math.Sin(angle) * distance;
                // The label's nearest side or corner is at the distance, not its middle.
                double left = x - width / 2 + Math.Cos(angle) * width / 2, top = y - height / 2 + Math.Sin(angle) * height / 2;
                if (left < _left + 2 || left + width > _right - 1 || top < _top + 1 || top + height > _bottom - 2) continue;
                double cost = Cost(left, top, left + width, top + height) + distance / 4;
                if (cost >= lowest) continue;
                lowest = cost;
                best = (left, top);
            }
        }

        _taken.Add((best.Left, best.Top, best.Left + width, best.Top + height));
        bool isLeftOfPoint = best.Left + width / 2 < point.X;
        return new PlacedLabel(new PlotPoint(isLeftOfPoint ? best.Left + width : best.Left, best.Top + height * 0.86), text,
            new PlotTextStyle(size, default) { Anchor = isLeftOfPoint ? PlotAnchor.End : PlotAnchor.Start, IsBold = isBold, HasHalo = true },
            Leader(point, best.Left, best.Top, best.Left + width, best.Top + height));
    }

    static (PlotPoint From, PlotPoint To)? Leader(PlotPoint point, double left, double top, double right, double bottom)
    {
        var near = new PlotPoint(Math.Clamp(point.X, left, right), Math.Clamp(point.Y, top, bottom));
        double dx = near.X - point.X, dy = near.Y - point.Y, length = Math.Sqrt(dx * dx + dy * dy);
        if (length < LeaderFrom) return null;
        const double RingRadius = 9;
        return (new PlotPoint(point.X + dx / length * RingRadius, point.Y + dy / length * RingRadius),
            new PlotPoint(near.X - dx / length * 2, near.Y - dy / length * 2));
    }

    double Cost(double left, double top, double right, double bottom)
    {
        double cost = 0;
        foreach (var taken in _taken)
        {
            if (left < taken.Right + 6 && right > taken.Left - 6 && top < taken.Bottom + 4 && bottom > taken.Top - 4) cost += LabelWeight;
        }

        foreach (var point in _points)
        {
            if (Covers(point, left - 5, top - 5, right + 5, bottom + 5)) cost += PointWeight;
        }

        foreach (var sample in _lineSamples)
        {
            if (Covers(sample, left - 2, top - 2, right + 2, bottom + 2)) cost += LineWeight;
        }

        return cost;
    }

    static bool Covers(PlotPoint point, double left, double top, double right, double bottom) =>
        point.X > left && point.X < right && point.Y > top && point.Y < bottom;

    void Sample(PlotPoint from, PlotPoint to)
    {
        const double Apart = 5;
        int count = (int)Math.Ceiling(Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y)) / Apart);
        for (int i = 0; i < count; i++)
        {
            double share = (double)i / count;
            _lineSamples.Add(new PlotPoint(from.X + (to.X - from.X) * share, from.Y + (to.Y - from.Y) * share));
        }
    }
}

/// <summary>A label and where it found room.</summary>
/// <param name="At">On its base line, at its anchor: the end that is nearer to the point.</param>
/// <param name="Text">The text.</param>
/// <param name="Style">How it looks, but for the color.</param>
/// <param name="Leader">A line from the point, where the label is not beside it.</param>
sealed record PlacedLabel(PlotPoint At, string Text, PlotTextStyle Style, (PlotPoint From, PlotPoint To)? Leader);
