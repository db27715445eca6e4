using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kneepoint.Pareto;

/// <summary>Points in blocks of neighbours with a corner each, so that a search looks only at blocks that may matter.</summary>
/// <remarks>
/// Slots are places in the order of a k-d tree over all points that may come; 32 slots make a block, 32 blocks a group. A slot that is no member
/// holds infinities. A block's corner is the least value per objective over its members. Results do not depend on the width of vectors:
/// searches compare and take minima only. Letters: d objectives, p the point asked about, b its bound.
/// </remarks>
sealed class BlockTree(int objectives)
{
    const int Width = 32;
    const double Absent = double.PositiveInfinity;

    readonly int _row = objectives * Width;
    int _groups;
    int[] _slotOf = [];
    int[] _placeAt = [];
    double[] _own = []; // [places, d], whether member or not
    double[] _slots = []; // [blocks, d, 32]
    double[] _blocks = []; // [groups, d, 32], corners
    double[] _corners = []; // [groups / 32, d, 32], corners of groups
    double[] _keys = [];
    int[] _order = [];

    /// <summary>Takes the coordinates of all points that may become members; none is one yet.</summary>
    public void Load(ReadOnlySpan<double> points, int stride)
    {
        int n = points.Length / stride;
        int blocks = Ceiling(n), groups = Ceiling(blocks), tops = Ceiling(groups);
        _groups = groups;
        if (_slotOf.Length < n)
        {
            int capacity = Math.Max(Width, (int)BitOperations.RoundUpToPowerOf2((uint)n));
            (_slotOf, _placeAt, _order) = (new int[capacity], new int[capacity], new int[capacity]);
            (_own, _keys) = (new double[capacity * objectives], new double[capacity]);
        }

        if (_slots.Length < groups * Width * _row) _slots = new double[groups * Width * _row];
        if (_blocks.Length < tops * Width * _row) _blocks = new double[tops * Width * _row];
        if (_corners.Length < tops * _row) _corners = new double[tops * _row];
        _slots.AsSpan(0, groups * Width * _row).Fill(Absent);
        _blocks.AsSpan(0, tops * Width * _row).Fill(Absent);
        _corners.AsSpan(0, tops * _row).Fill(Absent);
        for (int place = 0; place < n; place++)
        {
            points.Slice(place * stride, objectives).CopyTo(_own.AsSpan(place * objectives));
            _placeAt[place] = place;
        }

        Divide(_placeAt.AsSpan(0, n), 0);
        for (int slot = 0; slot < n; slot++) _slotOf[_placeAt[slot]] = slot;
    }

    /// <summary>The coordinates of a point.</summary>
    public void CopyTo(int place, Span<double> point) => _own.AsSpan(place * objectives, objectives).CopyTo(point);

    /// <summary>Makes a point a member.</summary>
    public void Insert(int place)
    {
        int slot = _slotOf[place], block = slot / Width, group = block / Width;
        for (int k = 0; k < objectives; k++)
        {
            double value = _own[place * objectives + k];
            _slots[At(slot, k)] = value;
            Lower(ref _blocks[At(block, k)], value);
            Lower(ref _corners[At(group, k)], value);
        }
    }

    /// <summary>Lets a member be no member for a while; corners stay, which is safe.</summary>
    public void Hide(int place)
    {
        for (int k = 0; k < objectives; k++) _slots[At(_slotOf[place], k)] = Absent;
    }

    /// <summary>Ends <see cref="Hide"/>.</summary>
    public void Show(int place)
    {
        for (int k = 0; k < objectives; k++) _slots[At(_slotOf[place], k)] = _own[place * objectives + k];
    }

    /// <summary>Removes the member of a slot.</summary>
    public void RemoveSlot(int slot)
    {
        int block = slot / Width, group = block / Width;
        for (int k = 0; k < objectives; k++)
        {
            double value = _slots[At(slot, k)];
            _slots[At(slot, k)] = Absent;
            if (value > _blocks[At(block, k)]) continue;
            _blocks[At(block, k)] = Least(_slots, At(block * Width, k));
            if (value > _corners[At(group, k)]) continue;
            _corners[At(group, k)] = Least(_blocks, At(group * Width, k));
        }
    }

    /// <summary>Whether a member is nowhere smaller than a point.</summary>
    public bool IsAbove(int slot, ReadOnlySpan<double> point)
    {
        for (int k = 0; k < point.Length; k++)
        {
            if (_slots[At(slot, k)] < point[k]) return false;
        }

        return true;
    }

    /// <summary>Writes max(member, point) per objective.</summary>
    public void Clip(int slot, ReadOnlySpan<double> point, Span<double> destination)
    {
        for (int k = 0; k < point.Length; k++) destination[k] = Math.Max(_slots[At(slot, k)], point[k]);
    }

    /// <summary>Lowers each bound to the least value over members that are not larger than the point in all other objectives.</summary>
    /// <param name="place">The point's place: the search begins among its neighbours.</param>
    /// <param name="point">[d].</param>
    /// <param name="bound">[d].</param>
    public void Tighten(int place, ReadOnlySpan<double> point, Span<double> bound)
    {
        int block = _slotOf[place] / Width;
        TightenBlock(block, point, bound);
        TightenGroup(block / Width, point, bound);
        for (int top = 0; top * Width < _groups; top++)
        {
            for (int at = 0; at < Width; at += Vector512<double>.Count)
            {
                ulong hits = Improving(_corners, top * _row + at, point, bound);
                for (; hits != 0; hits &= hits - 1) TightenGroup(top * Width + at + BitOperations.TrailingZeroCount(hits), point, bound);
            }
        }
    }

    /// <summary>Finds the members that are smaller than a bound in every objective.</summary>
    /// <param name="bound">[d].</param>
    /// <param name="destination">Their slots, ascending.</param>
    /// <returns>Their number.</returns>
    public int Collect(ReadOnlySpan<double> bound, Span<int> destination)
    {
        int count = 0;
        for (int top = 0; top * Width < _groups; top++)
        {
            for (int at = 0; at < Width; at += Vector512<double>.Count)
            {
                ulong groups = Below(_corners, top * _row + at, bound);
                for (; groups != 0; groups &= groups - 1)
                {
                    CollectGroup(top * Width + at + BitOperations.TrailingZeroCount(groups), bound, destination, ref count);
                }
            }
        }

        return count;
    }

    static int Ceiling(int count) => (count + Width - 1) / Width;

    static void Lower(ref double value, double other)
    {
        if (other < value) value = other;
    }

    static double Least(double[] values, int start)
    {
        double least = Absent;
        foreach (double value in values.AsSpan(start, Width)) least = Math.Min(least, value);
        return least;
    }

    int At(int index, int objective) => index / Width * _row + objective * Width + index % Width;

    void TightenGroup(int group, ReadOnlySpan<double> point, Span<double> bound)
    {
        for (int at = 0; at < Width; at += Vector512<double>.Count)
        {
            ulong hits = Improving(_blocks, group * _row + at, point, bound);
            for (; hits != 0; hits &= hits - 1) TightenBlock(group * Width + at + BitOperations.TrailingZeroCount(hits), point, bound);
        }
    }

    void TightenBlock(int block, ReadOnlySpan<double> point, Span<double> bound)
    {
        for (int at = 0; at < Width; at += Vector512<double>.Count)
        {
            int start = block * _row + at;
            ulong hits = Improving(_slots, start, point, bound);
            for (; hits != 0; hits &= hits - 1) TightenBy(start + BitOperations.TrailingZeroCount(hits), point, bound);
        }
    }

    // The member is larger than the point in at most one objective: that one's bound falls; all fall if there is none.
    void TightenBy(int start, ReadOnlySpan<double> point, Span<double> bound)
    {
        int larger = -1;
        for (int k = 0; k < point.Length; k++)
        {
            if (_slots[start + k * Width] > point[k]) larger = k;
        }

        for (int k = 0; k < point.Length; k++)
        {
            if (larger < 0 || larger == k) Lower(ref bound[k], _slots[start + k * Width]);
        }
    }

    void CollectGroup(int group, ReadOnlySpan<double> bound, Span<int> destination, ref int count)
    {
        for (int at = 0; at < Width; at += Vector512<double>.Count)
        {
            ulong blocks = Below(_blocks, group * _row + at, bound);
            for (; blocks != 0; blocks &= blocks - 1)
            {
                int block = group * Width + at + BitOperations.TrailingZeroCount(blocks);
                for (int lane = 0; lane < Width; lane += Vector512<double>.Count)
                {
                    ulong slots = Below(_slots, block * _row + lane, bound);
                    for (; slots != 0; slots &= slots - 1)
                    {
                        destination[count++] = block * Width + lane + BitOperations.TrailingZeroCount(slots);
                    }
                }
            }
        }
    }

    // Lanes smaller than the bound in every objective.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Below(double[] values, int start, ReadOnlySpan<double> bound)
    {
        ref double lane = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(values), start);
        var below = Vector512.LessThan(Vector512.LoadUnsafe(ref lane), Vector512.Create(bound[0]));
        for (int k = 1; k < bound.Length; k++)
        {
            below &= Vector512.LessThan(Vector512.LoadUnsafe(ref lane, (nuint)(k * Width)), Vector512.Create(bound[k]));
        }

        return below.ExtractMostSignificantBits();
    }

    // Lanes that may lower a bound: smaller than the bound everywhere, larger than the point in one objective at most.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Improving(double[] values, int start, ReadOnlySpan<double> point, ReadOnlySpan<double> bound)
    {
        ref double lane = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(values), start);
        var below = Vector512<double>.AllBitsSet;
        var larger = Vector512<long>.Zero; // minus the number of objectives in which the lane is larger
        for (int k = 0; k < bound.Length; k++)
        {
            var value = Vector512.LoadUnsafe(ref lane, (nuint)(k * Width));
            below &= Vector512.LessThan(value, Vector512.Create(bound[k]));
            larger += Vector512.GreaterThan(value, Vector512.Create(point[k])).AsInt64();
        }

        return (below.AsInt64() & Vector512.GreaterThan(larger, Vector512.Create(-2L))).ExtractMostSignificantBits();
    }

    // Sorts places into blocks: halves at multiples of whole, aligned runs of blocks, by one objective after the other.
    void Divide(Span<int> places, int objective)
    {
        if (places.Length <= Width) return;
        int left = Width * (int)BitOperations.RoundUpToPowerOf2((uint)Ceiling(places.Length)) / 2;
        var keys = _keys.AsSpan(0, places.Length);
        var order = _order.AsSpan(0, places.Length);
        for (int i = 0; i < places.Length; i++) keys[i] = _own[places[i] * objectives + objective];
        Order.Sort(keys, order);
        for (int i = 0; i < places.Length; i++) order[i] = places[order[i]];
        order.CopyTo(places);
        int next = (objective + 1) % objectives;
        Divide(places[..left], next);
        Divide(places[left..], next);
    }
}
