namespace Kneepoint.Compression.Pruning;

/// <summary>Channels that must be cut together, and those that must stay: disjoint sets of places on axes.</summary>
/// <remarks>Each place on an axis of a value or a tensor is a number; operators unite the places that they join. Cost: nearly constant for each union.</remarks>
sealed class ChannelClasses
{
    readonly List<int> _parents = [];
    readonly List<string?> _reasons = [];

    /// <summary>New places, each alone.</summary>
    public int[] Add(int count)
    {
        int[] places = new int[count];
        for (int i = 0; i < count; i++)
        {
            places[i] = _parents.Count;
            _parents.Add(places[i]);
            _reasons.Add(null);
        }

        return places;
    }

    /// <summary>The class of a place: its first place.</summary>
    public int Of(int place)
    {
        int root = place;
        while (_parents[root] != root) root = _parents[root];
        while (_parents[place] != root) (place, _parents[place]) = (_parents[place], root);
        return root;
    }

    /// <summary>Unites two classes; one that must stay makes the other stay.</summary>
    public void Unite(int first, int second)
    {
        (int a, int b) = (Of(first), Of(second));
        if (a == b) return;
        (a, b) = (Math.Min(a, b), Math.Max(a, b));
        _parents[b] = a;
        _reasons[a] ??= _reasons[b];
    }

    /// <summary>Lets a class stay.</summary>
    /// <param name="place">One of its places.</param>
    /// <param name="reason">A clause that goes on from "its channels".</param>
    public void Keep(int place, string reason) => _reasons[Of(place)] ??= reason;

    /// <summary>Why a class must stay; null if it may be cut.</summary>
    public string? WhyKept(int place) => _reasons[Of(place)];
}
